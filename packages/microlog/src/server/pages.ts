import { escapeHtml } from '../wire/html.ts';

/** The frame of every page. `prefix` is where the protocol is mounted; `content` is HTML. */
export function page(title: string, content: string, prefix = ''): string {
  const root = escapeHtml(prefix);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - Microlog</title>
<link rel="stylesheet" href="${root}/stylesheets/style.css">
</head>
<body>
<header>
<a class="brand" href="${root}/">Microlog</a>
<nav><a href="${root}/dashboard">Dashboard</a> <a href="${root}/docs">Docs</a></nav>
</header>
<main>
${content}
</main>
</body>
</html>
`;
}

/** What goes wrong is told in a heading; what the service showed beside it in development stays empty ("Errors" of the protocol document). */
export function errorPage(message: string, prefix?: string): string {
  return page('Error', `<h1>${escapeHtml(message)}</h1><h2></h2><pre></pre>`, prefix);
}

/** A field of a form with its label. */
export function field(label: string, name: string, attributes: string): string {
  return `<label>${label} <input name="${name}" ${attributes}></label>`;
}

export function homePage(prefix: string): string {
  const root = escapeHtml(prefix);
  return page(
    'Home',
    `<h1>Microlog</h1>
<p>Send counts to your graphs, and look at them here.</p>
<p><a class="button" href="${root}/auth/login">Log in</a> <a class="button" href="${root}/auth/create">Create an account</a></p>`,
    prefix,
  );
}

export function docsPage(prefix: string): string {
  const root = escapeHtml(prefix);
  return page(
    'Docs',
    `<h1>Sending points</h1>
<p>Post JSON to <code>${root}/graphs/api/</code>. Your token is on the <a href="${root}/dashboard">dashboard</a>; the id of a graph is the end of
the address of its page.</p>
<pre>{
  "api_username": "you",
  "api_token": "your token",
  "datasets": [
    { "graph": "id of a graph", "points": [{ "time": 1478220723, "count": 5 }] }
  ]
}</pre>
<p><code>time</code> is whole seconds since 1970-01-01 in UTC, <code>count</code> a whole number, and <code>text</code>, which may be left out, a note.
Points add up: a graph shows the sum of the counts in each of its intervals.</p>
<p>The answer <code>All good</code> says that the request was understood. Points of a graph that is not yours are dropped without a word.</p>`,
    prefix,
  );
}

export const stylesheet = `:root { color-scheme: light dark; --ink: #1c2024; --quiet: #60646c; --paper: #fff; --line: #d9dce1; --accent: #0b68cb; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #edeef0; --quiet: #a0a4ab; --paper: #16181b; --line: #363a40; --accent: #6bb1ff; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header { display: flex; justify-content: space-between; padding: 12px 24px; border-bottom: 1px solid var(--line); }
nav a { margin-left: 16px; }
main { max-width: 1080px; margin: 0 auto; padding: 24px; }
h1 { margin: 0 0 16px; font-size: 26px; line-height: 1.25; overflow-wrap: anywhere; }
h2:empty, pre:empty { display: none; }
a { color: var(--accent); }
.brand { font-weight: 700; color: inherit; text-decoration: none; }
.message { color: var(--bad); }
pre { padding: 12px 16px; overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
form { display: flex; flex-wrap: wrap; gap: 12px; align-items: end; margin: 16px 0; }
form.column { flex-direction: column; align-items: start; }
label { display: grid; gap: 4px; color: var(--quiet); font-size: 14px; }
input { padding: 7px 10px; font: inherit; font-size: 16px; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 6px; }
button, .button { padding: 8px 16px; font: inherit; color: var(--paper); background: var(--accent); border: 0; border-radius: 6px; text-decoration: none; cursor: pointer; }
.scales { display: flex; flex-wrap: wrap; gap: 12px; padding: 0; list-style: none; }
.scales .current { font-weight: 700; color: var(--ink); text-decoration: none; }
.chart { display: block; width: 100%; height: auto; }
.chart .grid { stroke: var(--line); }
.chart .zero { stroke: var(--quiet); }
.chart text { fill: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
.chart .area { fill: var(--accent); opacity: 0.12; }
.chart .curve { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
.chart .bucket { fill: transparent; }
.chart .bucket:hover { fill: var(--ink); opacity: 0.08; }
`;
