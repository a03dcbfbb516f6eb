import { connect } from '@anyseries/tempodb';

const credentials = { key: '5b1e7a4c9d0f48e2a6c3b7d8e9f01234', secret: '0a1b2c3d4e5f60718293a4b5c6d7e8f9' };

/** How the gateway's suite speaks this protocol: through the neutral provider, by a key of its own. */
export const speaker = {
  protocol: 'tempodb',
  credentials,
  connect: (url: string) => connect({ url, ...credentials }),
  /** The key in the store of the series that this provider calls `key`: TempoDB's keys are the store's. */
  storeKey: (key: string) => key,
};
