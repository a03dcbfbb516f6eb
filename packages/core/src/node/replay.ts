import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { invalid, show } from '../errors.ts';
import { checkObject, checkSignal } from '../options.ts';
import type { RejectReason } from '../writer/report.ts';
import type { Writer } from '../writer/writer.ts';
import { deadLetterPattern } from './dead-letter.ts';
import { type DeadPoint, parseLine } from './line.ts';

export interface ReplayOptions {
  /** Only points that were given up for these reasons. Default: all but `unknown-outcome`, which may be stored already. */
  readonly reasons?: readonly RejectReason[] | undefined;
  /** Takes out of the files what was stored, and removes files with nothing left. Default false: the files stay as they are. */
  readonly remove?: boolean | undefined;
  /** Ends the replay between two parts; what was written by then is told by the error of the writer. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of the points in dead-letter files. Every line is counted in exactly one of `stored`, `unconfirmed`, `left` and `unreadable`. */
export interface ReplayReport {
  readonly files: number;
  readonly stored: number;
  readonly unconfirmed: number;
  /** Not chosen by `reasons`, or given up again. */
  readonly left: number;
  /** Lines that hold no whole point: torn by a crash, or without a time or a value that can be written. */
  readonly unreadable: number;
}

/** So many points are under way before the next lines are read. */
const partPoints = 1000;

/**
 * Writes the points of dead-letter files again, in the order in which they were given up.
 *
 * ```ts
 * const { stored, left } = await replay('rejected', writer, { remove: true });
 * ```
 *
 * @param from a file, or a folder that {@link deadLetter} has written
 * @throws AnySeriesError `invalid` that names the option; what the writer throws
 */
export async function replay(from: string, writer: Pick<Writer, 'offer' | 'flush'>, options: ReplayOptions = {}): Promise<ReplayReport> {
  const { reasons, remove = false, signal } = checkOptions(options);
  const total = { files: 0, stored: 0, unconfirmed: 0, left: 0, unreadable: 0 };
  const isChosen = ({ reason }: DeadPoint) => (reasons === undefined ? reason !== 'unknown-outcome' : reasons.includes(reason));
  for (const path of await filesOf(from)) {
    signal?.throwIfAborted();
    total.files++;
    await replayFile(path);
  }
  return total;

  async function replayFile(path: string): Promise<void> {
    const kept = remove ? await createRemainder(path) : undefined;
    let part: { readonly line: string; readonly dead: DeadPoint }[] = [];
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line === '') continue;
      const dead = parseLine(line);
      if (dead !== undefined && isChosen(dead)) part.push({ line, dead });
      else {
        if (dead === undefined) total.unreadable++;
        else total.left++;
        await kept?.add(line);
      }
      if (part.length < partPoints) continue;
      await replayPart(part, kept);
      part = [];
    }
    await replayPart(part, kept);
    await kept?.finish();
  }

  async function replayPart(
    part: readonly { readonly line: string; readonly dead: DeadPoint }[],
    kept: Remainder | undefined,
  ): Promise<void> {
    if (part.length === 0) return;
    const ticket = writer.offer(
      part.map(({ dead }) => dead.point),
      { signal },
    );
    await ticket.admitted;
    void writer.flush();
    const { stored, unconfirmed, rejected, unknown, dropped, returned } = await ticket.done;
    total.stored += stored;
    total.unconfirmed += unconfirmed;
    const left = [...rejected.map(({ index }) => index), ...unknown, ...dropped, ...returned];
    total.left += left.length;
    for (const index of left.sort((a, b) => a - b)) await kept?.add(part[index]!.line);
  }
}

function checkOptions(options: ReplayOptions): ReplayOptions {
  const { reasons, remove, signal } = checkObject(options, ['reasons', 'remove', 'signal'], 'options') as ReplayOptions;
  if (reasons !== undefined && !Array.isArray(reasons)) throw invalid('options.reasons', `${show(reasons)} is no list of reasons`);
  if (remove !== undefined && typeof remove !== 'boolean') throw invalid('options.remove', `${show(remove)} is no boolean`);
  return { reasons, remove, signal: checkSignal(signal, 'options.signal') };
}

/** The file itself, or those of the folder, the oldest first. */
async function filesOf(from: string): Promise<string[]> {
  if ((await stat(from)).isFile()) return [from];
  const names = (await readdir(from)).filter((name) => deadLetterPattern.test(name));
  return names.sort().map((name) => join(from, name));
}

/** The lines of a file that stay, written beside it until all of it was gone through. */
interface Remainder {
  add(line: string): Promise<void>;
  finish(): Promise<void>;
}

async function createRemainder(path: string): Promise<Remainder> {
  const temporary = `${path}.rest`;
  const handle = await open(temporary, 'w', 0o600);
  let lines = 0;
  return {
    async add(line) {
      lines++;
      await handle.appendFile(`${line}\n`);
    },
    async finish() {
      await handle.datasync();
      await handle.close();
      if (lines > 0) await rename(temporary, path);
      else await rm(path);
      await rm(temporary, { force: true });
    },
  };
}
