import { connect } from '@anyseries/timetric';

const credentials = {
  consumerKey: 'hT7kPq2ZwXc9RmNd',
  consumerSecret: 'vB4sYgK8jU3eFz6C',
  token: 'aD6wN3pXcT8hMq2Y',
  tokenSecret: 'eK5jSg9ZvB7rFx4U',
};

/** How the gateway's suite speaks this protocol: through the neutral provider, by OAuth, as an application that a user has given access. */
export const speaker = {
  protocol: 'timetric',
  credentials,
  publicFields: ['consumerKey', 'token'],
  connect: (url: string) => connect({ url, ...credentials }),
  /** The key in the store of the series that this provider calls `key`: it makes series under the keys that it is given. */
  storeKey: (key: string) => key,
};
