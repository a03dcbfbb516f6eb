import { type Answer, type AnswerHeaders, plainAnswer } from './answer.ts';

/** What the gateway's own pages tell. */
export interface PageFacts {
  readonly version: string;
  /** Titles and prefixes of what is served. */
  readonly protocols: readonly { readonly title: string; readonly prefix: string }[];
  uptimeMs(): number;
  projectCount(): Promise<number>;
  /** Resolves if the main store answers. */
  checkStore(): Promise<void>;
  isStopping(): boolean;
  metrics(): string;
}

/** `/health`, and where they are wanted `/metrics` and `/-/`. */
export interface Pages {
  /** The answer, if the target is one of the gateway's own. */
  answer(method: string, target: string): Promise<Answer> | undefined;
}

const unstored = { 'Cache-Control': 'no-store' };

export function createPages(facts: PageFacts, all: boolean): Pages {
  const pages = new Map<string, () => Promise<Answer>>([['/health', health]]);
  if (all) pages.set('/metrics', metrics).set('/-/', status);

  return {
    answer(method, target) {
      const end = target.indexOf('?');
      const path = end === -1 ? target : target.slice(0, end);
      const page = pages.get(path);
      if (page === undefined) return path.startsWith('/-/') ? Promise.resolve(plainAnswer(404)) : undefined;
      return method === 'GET' || method === 'HEAD' ? page() : Promise.resolve(plainAnswer(405, { Allow: 'GET, HEAD' }));
    },
  };

  async function health(): Promise<Answer> {
    const json = { ...unstored, 'Content-Type': 'application/json' };
    const failed = (status: string) => plainAnswer(503, json, JSON.stringify({ status }));
    if (facts.isStopping()) return failed('stopping');
    try {
      await facts.checkStore();
    } catch {
      return failed('the store does not answer');
    }
    return plainAnswer(200, json, JSON.stringify({ status: 'ok' }));
  }

  async function metrics(): Promise<Answer> {
    return plainAnswer(200, { ...unstored, 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }, facts.metrics());
  }

  async function status(): Promise<Answer> {
    const rows = facts.protocols.map(({ title, prefix }) => `<tr><td>${escaped(title)}<td><code>${escaped(prefix)}</code>`);
    const body = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>anyseries gateway</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}td{padding:.2rem 2rem .2rem 0}</style>
<h1>anyseries gateway</h1>
<p>Version ${escaped(facts.version)}, up for ${escaped(duration(facts.uptimeMs()))}, projects: ${await facts.projectCount()}.
<table><tr><th align="left">protocol<th align="left">prefix${rows.join('')}</table>
<p><a href="/health">health</a> · <a href="/metrics">metrics</a>
</html>
`;
    return plainAnswer(200, pageHeaders, body);
  }
}

const pageHeaders: AnswerHeaders = {
  ...unstored,
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const parts = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'min'],
  ] as const;
  return parts
    .filter(([number, unit]) => number > 0 || unit === 'min')
    .map(([number, unit]) => `${number} ${unit}`)
    .join(' ');
}
