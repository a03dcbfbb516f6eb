/**
 * `run <file> <candidate>`: delivers the points in a process of its own and prints a {@link RunReport}. `N`, `BATCH` and `PORT` in the
 * environment say how many, by how many, and where to.
 */
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Timing, timed } from '../measure.ts';
import type { Open } from './candidate.ts';

export interface RunReport extends Timing {
  /** The most resident memory from the start of the process on. */
  readonly peakBytes: number;
}

const [file, name] = process.argv.slice(2) as [string, string];
// beside this one, as TypeScript or as JavaScript
const path = join(import.meta.dirname, `${file}${extname(import.meta.filename)}`);
const { [name]: open } = (await import(pathToFileURL(path).href)) as Record<string, Open>;
const candidate = await open!();
const timing = await timed(candidate.deliver);
console.log(JSON.stringify({ ...timing, peakBytes: process.resourceUsage().maxRSS * 1024 } satisfies RunReport));
await candidate.close();
