import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { conformance, type Subject } from '@anyseries/conformance';
import { connect } from '@anyseries/sqlite';
import { test } from 'vitest';
import { startGateway } from '../src/index.ts';
import { found } from './speakers.ts';

/** What `test/subjects.ts` of a package with a protocol server exports, so that its suite runs here as well. */
interface ProtocolSubjects {
  /** The fields of the credentials that its subjects use. */
  readonly credentials: Readonly<Record<string, string>>;
  createSubject(name: string, start: NonNullable<Subject['server']>): Subject;
}

for (const protocol of found) {
  const file = join(import.meta.dirname, '../..', protocol, 'test/subjects.ts');
  if (!existsSync(file)) throw new Error(`${protocol} has a protocol server and no test/subjects.ts`);
  const { credentials, createSubject } = (await import(pathToFileURL(file).href)) as ProtocolSubjects;
  conformance(
    test,
    createSubject(`${protocol} through the gateway over sqlite`, (options) => startServer(protocol, credentials, options)),
  );
}

/** A gateway on a port of its own over a fresh file; what is sent to the server that a subject names goes there. */
async function startServer(
  protocol: string,
  credentials: ProtocolSubjects['credentials'],
  { clock }: Parameters<NonNullable<Subject['server']>>[0],
) {
  const folder = mkdtempSync(join(tmpdir(), 'anyseries-gateway-'));
  // on the system's clock, since that of the suite runs on while the thread of the store works; nothing is killed, so no commit waits for the disk
  const store = connect({ path: join(folder, 'data.db'), synchronous: 'off' });
  const gateway = await startGateway({
    store,
    clock,
    port: 0,
    protocols: [protocol],
    log: { level: 'silent' },
    credentials: [{ protocol, project: 'default', ...credentials }],
  });
  return {
    store,
    fetch: async (request: Request) => {
      const { pathname, search } = new URL(request.url);
      const body = request.body === null ? null : await request.arrayBuffer();
      return fetch(`${gateway.url}${pathname}${search}`, { method: request.method, headers: request.headers, body });
    },
    async close() {
      await gateway.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
