import { startGateway } from '@anyseries/gateway';
import { connect } from '../src/index.ts';

const account = { username: 'ada', token: '5b1e7a4c9d0f48e2a6c3', password: 'correct horse' };

/** What `connect()` without settings needs in its environment to reach a fresh backend: the address of a gateway, and an account. */
export async function start() {
  const credentials = [{ protocol: 'microlog', project: 'default', ...account }];
  const gateway = await startGateway({ store: 'memory:', port: 0, protocols: ['microlog'], credentials, log: { level: 'silent' } });
  const { host } = new URL(gateway.url);
  return {
    environment: {
      ANYSERIES_MICROLOG_URL: `microlog://${account.username}:${account.token}@${host}/?secure=false`,
      MICROLOG_PASSWORD: account.password,
    },
    close: () => gateway.close(),
  };
}

/** A fresh account behind a gateway of its own, reached over HTTP. */
export async function open() {
  const { environment, close } = await start();
  const provider = connect({ url: environment.ANYSERIES_MICROLOG_URL, password: account.password });
  return {
    provider,
    async close() {
      await provider.close().finally(close);
    },
  };
}
