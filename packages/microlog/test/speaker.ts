import { connect, createClient } from '@anyseries/microlog';

const credentials = { username: 'microlog speaker', token: '5b1e7a4c9d0f48e2a6c3', password: 'correct horse' };

/** How the gateway's suite speaks this protocol: through the neutral provider, by an account of its own. */
export const speaker = {
  protocol: 'microlog',
  credentials,
  connect: (url: string) => connect({ url, ...credentials }),
  /** The key in the store of the series that this provider calls `key`: the id of its graph, or the key that another protocol has given it. */
  async storeKey(key: string, url: string) {
    await using client = createClient({ url, ...credentials });
    const graphs = await client.listGraphs();
    const graph = graphs.find(({ name }) => name === key) ?? graphs.find(({ id }) => id === key);
    if (graph === undefined) throw new Error(`no graph is called ${key}`);
    return graph.series ?? graph.id;
  },
};
