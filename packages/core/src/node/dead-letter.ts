import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AnySeriesError, invalid, show } from '../errors.ts';
import { isPositive } from '../options.ts';
import type { PointInput } from '../point.ts';
import type { RejectInfo } from '../writer/options.ts';
import { formatLine } from './line.ts';

export const deadLetterPattern = /\.ndjson$/;

/** A file is ended here, so that those before it can be replayed and removed. */
const fileBytes = 16 * 1024 * 1024;

/**
 * `onReject` for a writer: keeps the points that are given up in files of `folder`, one line of JSON per point, with the reason. The folder is
 * made when the first point comes; files belong to their user alone (mode 0600). {@link replay} writes them again.
 *
 * When the files have `maxBytes`, no more is written: the hook fails as `full`, which the writer tells to `onError` and counts as a loss. Nothing
 * is ever overwritten or deleted here.
 *
 * ```ts
 * const writer = createWriter(db, { onReject: deadLetter('rejected', 64 * 1024 * 1024) });
 * ```
 *
 * @throws AnySeriesError `invalid` that names the argument
 */
export function deadLetter(folder: string, maxBytes: number): (points: readonly PointInput[], rejection: RejectInfo) => Promise<void> {
  if (typeof folder !== 'string' || folder === '') throw invalid('folder', `${show(folder)} is no path`);
  if (!isPositive(maxBytes)) throw invalid('maxBytes', `${show(maxBytes)} is no positive number of bytes`);
  let queue: Promise<unknown> = Promise.resolve();
  let bytes: number | undefined;
  let file: { readonly path: string; bytes: number } | undefined;

  async function append(points: readonly PointInput[], rejection: RejectInfo): Promise<void> {
    bytes ??= await prepare(folder);
    const now = Date.now();
    const text = Buffer.from(points.map((point) => formatLine(point, rejection, now)).join(''));
    if (bytes + text.length > maxBytes)
      throw new AnySeriesError('full', `${folder}: ${bytes} of ${maxBytes} bytes are used; replay what is there, or allow more`);
    if (file === undefined || file.bytes + text.length > fileBytes) file = { path: join(folder, fileName(now)), bytes: 0 };
    const handle = await open(file.path, 'a', 0o600);
    try {
      await handle.appendFile(text);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    file.bytes += text.length;
    bytes += text.length;
  }

  return (points, rejection) => {
    const appended = queue.then(() => append(points, rejection));
    queue = appended.catch(() => {});
    return appended;
  };
}

/** Answers the bytes that are there already. */
async function prepare(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = (await readdir(folder)).filter((name) => deadLetterPattern.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Sorts by time; no two processes use the same. */
function fileName(now: number): string {
  return `${new Date(now).toISOString().replaceAll(':', '-')}-${randomUUID().slice(0, 8)}.ndjson`;
}
