/** What authors of providers and stores use, beside `@anyseries/core`. */
export type {
  Attempt,
  Backend,
  CallContext,
  DeleteRange,
  ReadRequest,
  StoreBackend,
  StoreOperation,
  SubscriptionListener,
  WriteOperation,
} from './backend.ts';
export { type CredentialSpec, readCredential, readVariable } from './credentials.ts';
export { checkSpecVersion, defineProvider, type ProviderDefinition } from './define-provider.ts';
export { type DefinedStore, defineStore, type StoreDefinition } from './define-store.ts';
export { invalid, show } from './errors.ts';
export { createIdRegistry, type IdRegistry } from './id-registry.ts';
export { checkCallOptions, checkObject } from './options.ts';
export { createBatchBuilder, type PointBatchBuilder, pickRows, sliceBatch } from './point-batch.ts';
export type { FoldRequest, SeriesFold } from './rollup/fold.ts';
export { loadFold } from './rollup/load-fold.ts';
export { checkProviderSettings, createRuntime, type ProviderSettings, providerSettingNames, type Runtime } from './runtime.ts';
export { matchesFilter } from './series-filter.ts';
export { checkKey, compareCodePoints } from './series-key.ts';
export { createSubscriptions, type Subscriptions } from './subscriptions.ts';
export { floorTime } from './time.ts';
export { createTokenStore, type StoredTokens, type TokenStore } from './token-store.ts';
export { addIntegers, addValues, toInteger, toValue } from './value.ts';
export type { RetryPolicy } from './write/backoff.ts';
export { type Delivery, deliverySymbol } from './write/delivery.ts';
export type { RejectedRow, Verdict } from './write/verdict.ts';
