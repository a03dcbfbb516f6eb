import { pageAnswer, textAnswer } from './answers.ts';
import type { Handler } from './call.ts';
import { createGraph, dashboard } from './dashboard.ts';
import { listGraphs, readPoints, readSums } from './extension.ts';
import { addPoint, examplePage, graphPage } from './graph-page.ts';
import { docsPage, errorPage, homePage, stylesheet } from './pages.ts';
import { createAccount, createForm, login, loginForm, logout } from './sign-in.ts';
import { write } from './write.ts';

/** A resource and what can be done with it. */
interface Resource {
  /** Segments of the path; one in braces stands for any. */
  readonly path: readonly string[];
  readonly GET?: Handler;
  readonly POST?: Handler;
  /** Whether it is there only with the EXTENSION. */
  readonly isExtension?: boolean;
}

const notFound: Handler = async ({ prefix }) => pageAnswer(404, errorPage('Not Found', prefix));
const css: Handler = async () =>
  new Response(stylesheet, { headers: { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'max-age=3600' } });

const resources: readonly Resource[] = [
  { path: [], GET: async ({ prefix }) => pageAnswer(200, homePage(prefix)) },
  { path: ['docs'], GET: async ({ prefix }) => pageAnswer(200, docsPage(prefix)) },
  { path: ['users'], GET: async () => textAnswer(200, 'respond with a resource') },
  { path: ['stylesheets', 'style.css'], GET: css },
  { path: ['auth', 'login'], GET: loginForm, POST: login },
  { path: ['auth', 'create'], GET: createForm, POST: createAccount },
  { path: ['auth', 'logout'], GET: logout },
  { path: ['dashboard'], GET: dashboard },
  { path: ['dashboard', 'new'], POST: createGraph },
  { path: ['graphs'], GET: examplePage, POST: addPoint },
  { path: ['graphs', 'api'], GET: async (call, parts) => (parts.settings.extension ? listGraphs : notFound)(call, parts), POST: write },
  { path: ['graphs', 'api', '{id}', 'points'], GET: readPoints, isExtension: true },
  { path: ['graphs', 'api', '{id}', 'sums'], GET: readSums, isExtension: true },
  { path: ['graphs', '{id}'], GET: graphPage },
];

/** What a path leads to. */
export interface Match {
  readonly resource: Resource;
  /** The segments in braces, as they came. */
  readonly part: Readonly<Record<string, string>>;
}

/** Names in paths ignore case, and a slash at the end is optional; ids are taken as they are. */
export function findResource(path: string, hasExtension: boolean): Match | undefined {
  const segments = path === '/' ? [] : path.slice(1).replace(/\/$/, '').split('/');
  for (const resource of resources) {
    if (resource.isExtension && !hasExtension) continue;
    const part = match(resource.path, segments);
    if (part !== undefined) return { resource, part };
  }
  return undefined;
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const part: Record<string, string> = {};
  for (const [place, expected] of pattern.entries()) {
    const segment = segments[place]!;
    if (expected.startsWith('{')) {
      if (segment === '') return undefined;
      part[expected.slice(1, -1)] = segment;
    } else if (segment.toLowerCase() !== expected) return undefined;
  }
  return part;
}

/** The handler of a method. `HEAD` follows `GET`, `OPTIONS` tells what there is, and everything else is not found. */
export function handlerOf(match: Match | undefined, method: string): Handler {
  if (match === undefined) return notFound;
  const { GET, POST } = match.resource;
  if (method === 'GET' || method === 'HEAD') return GET ?? notFound;
  if (method === 'POST') return POST ?? notFound;
  if (method !== 'OPTIONS') return notFound;
  const allowed = [...(GET === undefined ? [] : ['GET', 'HEAD']), ...(POST === undefined ? [] : ['POST'])].join(',');
  return async () => textAnswer(200, allowed, { Allow: allowed });
}
