import { faultCodes } from '../wire/fault.ts';
import { formatIsoDate } from '../wire/time.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import { type Call, parameter } from './call.ts';
import type { ServerContext } from './context.ts';
import type { Guard } from './guard.ts';
import { isRecordName } from './record-ids.ts';
import { badParameter, notFound, Refusal } from './refusal.ts';
import type { Routes } from './router.ts';

type Kept = { readonly created: number; readonly sum: string };

const files = 'iobeam/files';
const contents = 'iobeam/file-contents';

/** Section 4.9. */
export function fileRoutes({ clock }: ServerContext, guard: Guard): Routes {
  return {
    files: { GET: list },
    'files/:': { PUT: upload, DELETE: remove },
  };

  async function list(call: Call): Promise<Response> {
    const { store } = await guard.project(call, 'read');
    const found = await Array.fromAsync(store.records.list<Kept>(files));
    return jsonAnswer(200, { files: found.map(({ id, value }) => fileJson(id, value)) });
  }

  async function upload(call: Call): Promise<Response> {
    const { store } = await guard.project(call, 'write');
    const name = readName(call);
    const algorithm = parameter(call, 'checksum_alg') ?? 'SHA-256';
    if (!/^sha-?256$/i.test(algorithm)) throw badParameter('Invalid value for checksum_alg', algorithm);
    const bytes = await call.bytes();
    const sum = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)));
    const claimed = parameter(call, 'checksum');
    if (claimed !== undefined && claimed.toLowerCase() !== sum) throw new Refusal(422, faultCodes.badChecksum, 'Checksum does not match');
    const kept = { created: clock.now(), sum };
    await store.transaction((tx) => {
      tx.records.put(files, name, kept);
      tx.records.put(contents, name, bytes);
    });
    return jsonAnswer(201, fileJson(name, kept));
  }

  async function remove(call: Call): Promise<Response> {
    const { store } = await guard.project(call, 'write');
    const name = readName(call);
    await store.transaction(async (tx) => {
      if ((await tx.records.get(files, name)) === undefined) throw notFound('File');
      tx.records.delete(files, name);
      tx.records.delete(contents, name);
    });
    return emptyAnswer(204);
  }
}

function readName({ parts }: Call): string {
  const name = parts[0];
  if (isRecordName(name)) return name;
  throw badParameter('Invalid file name', name);
}

function fileJson(name: string, { created, sum }: Kept) {
  return { file_name: name, created: formatIsoDate(created), checksum: { alg: 'SHA256', sum } };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
