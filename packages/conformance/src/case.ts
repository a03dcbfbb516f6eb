import type { Subject } from './subject.ts';
import type { World } from './world.ts';

/** What a case needs of its subject, in the words of the capabilities. */
export type Need =
  | 'write'
  | 'write.increment'
  | 'write.increment=true'
  | 'write.deletes'
  | 'write.deletes=range'
  | 'write.putSeries'
  | `write.onDuplicate=${'overwrites' | 'keeps-first' | 'adds'}`
  | 'read'
  | 'read.windows=any'
  | 'read.series'
  | 'read.latest'
  | 'read.subscribe'
  | `values=${'number' | 'bigint' | 'boolean' | 'string'}`
  | `times=${'ms' | 'us'}`
  | 'times.min<0'
  | 'keys.caseSensitive'
  /** Whether what the capabilities leave out is refused; met by subjects that leave it out. */
  | `not ${string}`
  | 'store'
  | 'server'
  | 'server.refused'
  | 'reopen'
  | 'crash';

/** One case: a sentence about the behaviour, what it needs, and the proof. */
export interface Case {
  readonly name: string;
  readonly needs: readonly Need[];
  readonly run: (world: World) => Promise<void>;
}

export function defineCase(name: string, needs: readonly Need[], run: (world: World) => Promise<void>): Case {
  return { name, needs, run };
}

/** Why a subject does not have a case: the capability that explains it. */
export function unmetNeed({ needs }: Case, subject: Subject): string | undefined {
  for (const need of needs) {
    const reason = unmet(need, subject);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function unmet(need: Need, subject: Subject): string | undefined {
  if (need.startsWith('not ')) return unmet(need.slice(4) as Need, subject) === undefined ? `${need.slice(4)} is declared` : undefined;
  const { capabilities } = subject;
  switch (need) {
    case 'store':
      return subject.store === true ? undefined : 'the subject is no store';
    case 'server':
      return subject.server === undefined ? 'the subject has no server to inject faults into' : undefined;
    case 'server.refused':
      if (subject.server === undefined) return 'the subject has no server to inject faults into';
      return capabilities.write?.granularity === 'item' ? undefined : "write.granularity is 'batch'";
    case 'reopen':
      return subject.reopen === undefined ? 'the subject keeps nothing after close()' : undefined;
    case 'crash':
      return subject.crash === undefined ? 'the subject does not outlive its process' : undefined;
    case 'times=ms':
      return capabilities.times.resolution === 's' ? "times.resolution is 's'" : undefined;
    case 'times=us':
      return capabilities.times.resolution === 'us' ? undefined : `times.resolution is '${capabilities.times.resolution}'`;
    case 'times.min<0':
      return capabilities.times.min < 0 ? undefined : `times.min is ${capabilities.times.min}`;
  }
  const [path = '', wanted] = need.split('=');
  const declared = path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], capabilities);
  if (Array.isArray(declared)) return declared.includes(wanted) ? undefined : `${path} do not include '${wanted}'`;
  if (declared === undefined || declared === false) return `${path} is not declared`;
  return wanted === undefined || String(declared) === wanted ? undefined : `${path} is '${String(declared)}'`;
}
