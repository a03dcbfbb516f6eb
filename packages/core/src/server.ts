/** What authors of protocol servers use, beside `@anyseries/core` and `@anyseries/core/provider`. */

export { mergeByTime } from './read/merge.ts';
export { type Accumulator, createAccumulator } from './rollup/accumulators.ts';
export { type BucketSpan, type Buckets, createBuckets } from './rollup/buckets.ts';
export { checkTimeZone } from './rollup/check-time-zone.ts';
export { createBucketFold, createSeriesFold, type SeriesFold } from './rollup/fold.ts';
export type { ParsedFunction } from './rollup/functions.ts';
export type { ParsedInterval } from './rollup/interval.ts';
export { zoneOffsets } from './rollup/time-zone.ts';
export { type Credential, type Credentials, createCredentials, type NewCredential, randomHex, sha256 } from './server/credentials.ts';
export { hashPassword, isPassword } from './server/passwords.ts';
export type {
  Claim,
  Connection,
  CredentialData,
  CredentialFields,
  CredentialForm,
  Protocol,
  ProtocolServer,
  RequestHead,
  ServerOptions,
} from './server/protocol.ts';
export { createVault, type Vault } from './server/vault.ts';
