import { startGateway } from '@anyseries/gateway';
import { connect } from '../src/index.ts';

const key = '0123456789abcdef0123456789abcdef';
const secret = 'fedcba9876543210fedcba9876543210';

/** What `connect()` without settings needs in its environment to reach a fresh backend: the address of a gateway, with key and secret. */
export async function start() {
  const credentials = [{ protocol: 'tempodb', project: 'default', key, secret }];
  const gateway = await startGateway({ store: 'memory:', port: 0, protocols: ['tempodb'], credentials });
  const { host } = new URL(gateway.url);
  return {
    environment: { ANYSERIES_TEMPODB_URL: `tempodb://${key}:${secret}@${host}/?secure=false` },
    close: () => gateway.close(),
  };
}

/** A fresh, empty database behind a gateway of its own, reached over HTTP. */
export async function open() {
  const { environment, close } = await start();
  const provider = connect(environment.ANYSERIES_TEMPODB_URL);
  return {
    provider,
    async close() {
      await provider.close().finally(close);
    },
  };
}
