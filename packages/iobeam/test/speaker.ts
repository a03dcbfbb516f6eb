import { connect } from '@anyseries/iobeam';

const credentials = { projectId: '7', token: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' };

/** How the gateway's suite speaks this protocol: through the neutral provider, by a token of its own. */
export const speaker = {
  protocol: 'iobeam',
  credentials,
  connect: (url: string) => connect({ url, projectId: Number(credentials.projectId), token: credentials.token }),
  /** The key in the store of the series that this provider calls `key`: the series without a device are those of the device `anyseries`. */
  storeKey: (key: string) => key,
};
