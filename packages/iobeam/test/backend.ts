import { startGateway } from '@anyseries/gateway';
import { connect } from '../src/index.ts';

const projectId = '7';
const token = '0123456789abcdef0123456789abcdef';

/** What `connect()` without settings needs in its environment to reach a fresh backend: the address of a gateway, with project and token. */
export async function start() {
  const credentials = [{ protocol: 'iobeam', project: 'default', projectId, token }];
  const gateway = await startGateway({ store: 'memory:', port: 0, protocols: ['iobeam'], credentials });
  const { host } = new URL(gateway.url);
  return {
    environment: { ANYSERIES_IOBEAM_URL: `iobeam://${projectId}:${token}@${host}/?secure=false` },
    close: () => gateway.close(),
  };
}

/** A fresh, empty project behind a gateway of its own, reached over HTTP. */
export async function open() {
  const { environment, close } = await start();
  const provider = connect(environment.ANYSERIES_IOBEAM_URL);
  return {
    provider,
    async close() {
      await provider.close().finally(close);
    },
  };
}
