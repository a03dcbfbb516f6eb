import { startGateway } from '@anyseries/gateway';
import { connect } from '../src/index.ts';

const key = 'kP8dHw3TmZ6qXv2R';
const secret = 'nY7cJs4GbE9uKf5A';

/** What `connect()` without settings needs in its environment to reach a fresh backend: the address of a gateway, with key and secret. */
export async function start() {
  const credentials = [{ protocol: 'timetric', project: 'default', key, secret }];
  const gateway = await startGateway({ store: 'memory:', port: 0, protocols: ['timetric'], credentials, log: { level: 'silent' } });
  const { host } = new URL(gateway.url);
  return {
    environment: { ANYSERIES_TIMETRIC_URL: `timetric://${key}:${secret}@${host}/?secure=false` },
    close: () => gateway.close(),
  };
}

/** A fresh, empty account behind a gateway of its own, reached over HTTP. */
export async function open() {
  const { environment, close } = await start();
  const provider = connect(environment.ANYSERIES_TIMETRIC_URL);
  return {
    provider,
    async close() {
      await provider.close().finally(close);
    },
  };
}
