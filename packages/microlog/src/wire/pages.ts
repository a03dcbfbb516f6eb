import { bucketCount } from './graph-window.ts';
import { escapeHtml, unescapeHtml } from './html.ts';

/** A graph as an account lists it. */
export interface GraphLink {
  readonly id: string;
  readonly name: string;
}

/** The parts of the dashboard that programs read ("GET /dashboard" of the protocol document). */
export interface Dashboard {
  readonly username: string;
  readonly token: string;
  /** In order of creation. */
  readonly graphs: readonly GraphLink[];
}

/** The lines of a dashboard that tell whose it is, with which token, and which graphs there are. */
export const dashboardLines = {
  username: (username: string) => `<p>Logged in as ${escapeHtml(username)}.</p>`,
  token: (token: string) => `<p>Token:&nbsp;<code>${escapeHtml(token)}</code></p>`,
  graph: ({ id, name }: GraphLink, prefix: string) => `<p><a href="${escapeHtml(`${prefix}/graphs/${id}`)}">${escapeHtml(name)}</a></p>`,
};

/** Reads a dashboard; `undefined`: the page is none. */
export function readDashboard(html: string): Dashboard | undefined {
  const username = /<p>Logged in as ([^<]*)\.<\/p>/.exec(html)?.[1];
  const token = /<p>Token:&nbsp;<code>([^<]*)<\/code><\/p>/.exec(html)?.[1];
  if (username === undefined || token === undefined) return undefined;
  const links = html.matchAll(/<p><a href="[^"]*\/graphs\/([^"/?]+)">([^<]*)<\/a><\/p>/g);
  const graphs = Array.from(links, ([, id, name]) => ({ id: unescapeHtml(id!), name: unescapeHtml(name!) }));
  return { username: unescapeHtml(username), token: unescapeHtml(token), graphs };
}

/** What the script of a graph page tells ("Where the numbers are" of the protocol document). */
export interface Chart {
  readonly labels: readonly string[];
  readonly name: string;
  /** A sum per bucket; `NaN` where the service could not add. */
  readonly data: readonly number[];
}

/** The lines of a graph page that hold the numbers. */
export function chartLines({ labels, name, data }: Chart): string {
  const quoted = labels.map((label) => `'${label}'`);
  return `    labels: [ ${quoted.join(',')} ],\n    label: "${escapeHtml(name)}",\n    data: [ ${data.join(',')} ]\n`;
}

/**
 * Reads a graph page; `undefined`: the page is none. A graph's name may hold anything but a double quote, which pages escape: the labels are what
 * stands before `label: "`, and the numbers are the last of their kind behind it.
 */
export function readChart(html: string): Chart | undefined {
  const [before, behind] = splitAt(html, html.indexOf('label: "'));
  const labels = between(before, "labels: [ '", "' ]")?.split("','");
  const data = between(behind, 'data: [ ', ' ]')?.split(',').map(Number);
  if (labels?.length !== bucketCount || data?.length !== bucketCount) return undefined;
  return { labels, name: unescapeHtml(/^label: "([^"]*)"/.exec(behind)?.[1] ?? ''), data };
}

function splitAt(text: string, at: number): readonly [string, string] {
  return at < 0 ? ['', ''] : [text.slice(0, at), text.slice(at)];
}

/** What stands between the last `opening` and the first `closing` after it. */
function between(text: string, opening: string, closing: string): string | undefined {
  const start = text.lastIndexOf(opening);
  const end = text.indexOf(closing, start);
  return start < 0 || end < 0 ? undefined : text.slice(start + opening.length, end);
}
