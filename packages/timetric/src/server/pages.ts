import { toBase64 } from '../oauth/signature.ts';
import type { Call } from './call.ts';
import { escapeHtml } from './html.ts';
import type { OpenSession } from './session-cookie.ts';

/** A page: what is in it is HTML, but for the title. */
export interface Page {
  readonly title: string;
  readonly content: string;
}

/** What the frame of a page needs to know. */
export interface Frame {
  readonly prefix: string;
  readonly session?: Pick<OpenSession, 'user' | 'formToken'> | undefined;
}

const stylesheet = `
:root { color-scheme: light dark; --ink: #1a1d21; --quiet: #5b616a; --paper: #fff; --line: #8b929c; --accent: #0a58a8; --warn: #a61b12; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceef1; --quiet: #a9b0ba; --paper: #15181c; --line: #6c737d; --accent: #7db8ff; --warn: #ff9b91; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center; justify-content: space-between; padding: 0.75rem 1.5rem; border-bottom: 1px solid var(--line); }
nav { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin-top: 2rem; font-size: 1.2rem; }
a { color: var(--accent); }
.brand { font-weight: 700; color: inherit; text-decoration: none; }
.quiet { color: var(--quiet); }
.warning { padding: 0.75rem 1rem; border-left: 4px solid var(--warn); }
form { margin: 1rem 0; }
form.column { display: grid; gap: 0.75rem; justify-items: start; }
label.field { display: grid; gap: 0.25rem; width: 100%; max-width: 24rem; }
input:not([type='checkbox']) { padding: 0.5rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; }
button { padding: 0.5rem 1rem; font: inherit; color: var(--paper); background: var(--accent); border: 0; border-radius: 4px; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.4rem 0.75rem 0.4rem 0; text-align: left; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
code { font-size: 0.95em; overflow-wrap: anywhere; }
`;

/** A page in its frame. It loads nothing, runs nothing, and stands in no other page's frame. */
export async function htmlAnswer({ title, content }: Page, { prefix, session }: Frame, status = 200): Promise<Response> {
  const root = escapeHtml(prefix);
  const account =
    session === undefined
      ? `<a href="${root}/login/">Log in</a>`
      : `<a href="${root}/settings/">Settings of ${escapeHtml(session.user.name)}</a>
${form(`${prefix}/logout/`, session, '<button>Log out</button>')}`;
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - Timetric</title>
<style>${stylesheet}</style>
</head>
<body>
<header>
<a class="brand" href="${root}/search/">Timetric</a>
<nav aria-label="Account">
<a href="${root}/search/">Series</a>
${account}
</nav>
</header>
<main>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`;
  return new Response(new TextEncoder().encode(html), { status, headers: await pageHeaders() });
}

let headers: Promise<Readonly<Record<string, string>>> | undefined;

function pageHeaders(): Promise<Readonly<Record<string, string>>> {
  headers ??= describeHeaders();
  return headers;
}

async function describeHeaders(): Promise<Readonly<Record<string, string>>> {
  const hash = toBase64(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(stylesheet))));
  return {
    'content-type': 'text/html; charset=utf-8',
    // no form-action: it would stop the way back to the application that asked
    'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; frame-ancestors 'none'`,
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    // without any referrer, browsers do not say either which site a form comes from
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

/** A form that only a page of this session can send. `content` is HTML. */
export function form(action: string, { formToken }: Pick<OpenSession, 'formToken'>, content: string): string {
  return `<form class="column" method="post" action="${escapeHtml(action)}">
<input type="hidden" name="form_token" value="${escapeHtml(formToken)}">
${content}
</form>`;
}

/** A field with its label. `attributes` is HTML. */
export function field(label: string, name: string, attributes: string): string {
  return `<label class="field">${label} <input name="${name}" ${attributes}></label>`;
}

export function checkbox(label: string, name: string): string {
  return `<label><input type="checkbox" name="${name}"> ${label}</label>`;
}

export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 302, headers: { location, ...headers } });
}

/** Sends to the log-in page, and from there back to what was asked for. */
export function toLogin({ prefix, path, query }: Call): Response {
  const back = path + (query === '' ? '' : `?${query}`);
  return redirect(`${prefix}/login/?next=${encodeURIComponent(back)}`);
}
