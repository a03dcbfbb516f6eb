import { texts } from '../wire/answers.ts';
import { escapeHtml } from '../wire/html.ts';
import { dashboardLines } from '../wire/pages.ts';
import { pageAnswer, redirect, textAnswer } from './answers.ts';
import type { Handler } from './call.ts';
import { field, page } from './pages.ts';
import { withSession } from './session-cookie.ts';

/** `GET /dashboard`: the name, the token and the graphs of an account. */
export const dashboard: Handler = async (call, parts) =>
  withSession(call, parts, async (session) => {
    const { prefix } = call;
    const [graphs, token = ''] = await Promise.all([parts.graphs.list(session.account), session.token()]);
    const links = graphs.map((graph) => dashboardLines.graph(graph, prefix)).join('');
    const content = `<h1>Dashboard</h1>
${dashboardLines.username(session.username)}
<details>
<summary>API token</summary>
${dashboardLines.token(token)}
</details>
<h2>Graphs</h2>
${links || '<p>None yet.</p>'}
<form action="${escapeHtml(prefix)}/dashboard/new" method="POST">
${field('New graph', 'graph_name', 'required')}
<button>Create</button>
</form>
<p><a href="${escapeHtml(prefix)}/auth/logout">Log out</a></p>`;
    return pageAnswer(200, page('Dashboard', content, prefix));
  });

/** `POST /dashboard/new`: makes a graph. */
export const createGraph: Handler = async (call, parts) =>
  withSession(call, parts, async ({ account }) => {
    const { graph_name: name, graph_type: type } = call.body.fields;
    const text = textOf(name);
    if (text === '') return textAnswer(500, texts.noGraphName);
    await parts.graphs.create(account, text, textOf(type) || 'timeplot');
    return redirect(`${call.prefix}/dashboard/`, call.headers.get('accept'));
  });

/** A field as a text; of a list, its members with commas between them. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.flat(Number.POSITIVE_INFINITY).map(textOf).join(',');
  if (value === undefined || value === null || value === false) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
