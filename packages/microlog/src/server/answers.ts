import { extensionHeader, extensions, texts } from '../wire/answers.ts';
import { escapeHtml } from '../wire/html.ts';

/** Every text answer is called HTML, as the service called it, and none was ever compressed. */
const textHeaders = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Encoding': 'identity' } as const;
const jsonType = 'application/json; charset=utf-8';

/** Nothing on a page runs, and nothing comes from elsewhere: a graph may have any name. */
const pageHeaders = {
  'Content-Security-Policy': "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
} as const;

export type AnswerHeaders = Readonly<Record<string, string>>;

export function textAnswer(status: number, text: string, headers: AnswerHeaders = {}): Response {
  return new Response(text, { status, headers: { ...textHeaders, ...headers } });
}

export function pageAnswer(status: number, html: string, headers: AnswerHeaders = {}): Response {
  return textAnswer(status, html, { ...pageHeaders, ...headers });
}

/** `json` is the text of it. */
export function jsonAnswer(json: string, status = 200): Response {
  return new Response(json, { status, headers: { 'Content-Type': jsonType } });
}

/**
 * A 303, whose body goes by what the client accepts.
 *
 * @param location nothing but ASCII, escaped as a URL
 */
export function redirect(location: string, accept: string | null, headers: AnswerHeaders = {}): Response {
  const all = { Location: location, Vary: 'Accept', ...headers };
  const type = preferredType(accept ?? '*/*');
  const escaped = escapeHtml(location);
  if (type === 'text/html')
    return textAnswer(303, `<p>See Other. Redirecting to <a href="${escaped}">${escaped}</a></p>`, { ...pageHeaders, ...all });
  if (type === undefined) return new Response(null, { status: 303, headers: all });
  return textAnswer(303, `See Other. Redirecting to ${location}`, { ...all, 'Content-Type': 'text/plain; charset=utf-8' });
}

/** The one of the two types that a client likes better; plain text where it does not care. */
function preferredType(accept: string): 'text/plain' | 'text/html' | undefined {
  const [plain, html] = [qualityOf('text/plain', accept), qualityOf('text/html', accept)];
  if (plain === 0 && html === 0) return undefined;
  return html > plain ? 'text/html' : 'text/plain';
}

/** How much a client wants a type, from 0 to 1; the most special of its ranges counts. */
function qualityOf(type: string, accept: string): number {
  const ranges = mediaRanges(accept);
  const match = [type, type.replace(/\/.*/, '/*'), '*/*'].map((wanted) => ranges.find(({ range }) => range === wanted)).find(Boolean);
  return match?.quality ?? 0;
}

function mediaRanges(accept: string): { range: string; quality: number }[] {
  return accept.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    return { range, quality: Number.isNaN(quality) ? 0 : quality };
  });
}

/** Whether a client names JSON itself; a wildcard does not count (EXTENSION result/1). */
export function asksForJson(accept: string | null): boolean {
  return mediaRanges(accept ?? '').some(({ range, quality }) => range === 'application/json' && quality > 0);
}

/** Adds what announces the EXTENSION. */
export function withExtension(response: Response): Response {
  response.headers.set(extensionHeader, extensions.join(', '));
  return response;
}

export const noDatabase = (): Response => textAnswer(500, texts.noDatabase);
