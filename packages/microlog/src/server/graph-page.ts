import { texts } from '../wire/answers.ts';
import { shownCount } from '../wire/count.ts';
import { bucketCount, bucketLabel, type GraphWindow, intervalOf, readScale, scales, windowAt } from '../wire/graph-window.ts';
import { escapeHtml } from '../wire/html.ts';
import { chartLines } from '../wire/pages.ts';
import { pageAnswer, redirect, textAnswer } from './answers.ts';
import { append } from './append.ts';
import type { Call, Handler, Parts } from './call.ts';
import { drawChart } from './chart.ts';
import type { Graph } from './graphs.ts';
import { errorPage, field, page } from './pages.ts';
import { readSeconds } from './seconds.ts';
import { sessionOf, withSession } from './session-cookie.ts';

/** `GET /graphs/{id}`: the sums of the last 121 buckets, as a chart and as numbers. Looking at it saves its scale. */
export const graphPage: Handler = async (call, parts) => {
  const { id = '' } = call.part;
  const { graphs, settings } = parts;
  if (settings.graphPages === 'public') return show(await graphs.find(id), call, parts);
  const session = await sessionOf(call, parts);
  if (session === undefined) return redirect(`${call.prefix}/auth/login?e=3`, call.headers.get('accept'));
  return show(await graphs.findFor(session.account, id), call, parts);
};

async function show(graph: Graph | undefined, call: Call, { graphs, now }: Parts): Promise<Response> {
  const { query, prefix } = call;
  if (graph === undefined) return pageAnswer(404, errorPage('Not Found', prefix));
  const saved = await graphs.scale(graph.id);
  const scale = readScale(askedScale(query), saved);
  if (scale !== saved) await graphs.saveScale(graph.id, scale);
  const window = windowAt(now(), intervalOf(scale));
  return pageAnswer(200, page(graph.name, contentOf(graph, scale, window, await sumsOf(graph, window), prefix), prefix));
}

/** The parameter `i`, also as a list; what is in other brackets is no number. */
function askedScale(query: URLSearchParams): string | undefined {
  const values = [...query].filter(([name]) => /^i(\[\d*\])?$/.test(name)).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(',');
}

async function sumsOf(graph: Graph, { first, end, interval }: GraphWindow): Promise<number[]> {
  const sums = new Array<number>(bucketCount).fill(0);
  for await (const { rows } of readSeconds(graph, first, end)) {
    for (const { time, count } of rows) sums[Math.floor((time - first) / interval)]! += shownCount(count) || 0;
  }
  return sums;
}

const scaleNames = ['month', 'week', 'day', 'hour', '5 minutes', 'minute'];

function contentOf({ id, name }: Graph, scale: number, window: GraphWindow, data: readonly number[], prefix: string): string {
  const root = escapeHtml(prefix);
  const links = scales.map((seconds, place) => {
    const current = seconds === scale ? ' class="current" aria-current="true"' : '';
    return `<li><a href="${root}/graphs/${id}?i=${seconds}"${current}>${scaleNames[place]}</a></li>`;
  });
  const labels = data.map((_, bucket) => bucketLabel(window.first + bucket * window.interval));
  return `<h1>${escapeHtml(name)}</h1>
<ul class="scales">
${links.join('\n')}
</ul>
${drawChart(name, window, data)}
<form action="${root}/graphs/" method="POST">
<input name="graph" value="${id}" type="hidden">
${field('Count', 'count', 'value="1"')}
${field('Text', 'text', '')}
<button>Add a point now</button>
</form>
<script type="text/plain">
${chartLines({ labels, name, data })}</script>`;
}

/** `POST /graphs/`: the page's form, one point at the current second. Values of a form stay texts. */
export const addPoint: Handler = async (call, parts) =>
  withSession(call, parts, async ({ account }) => {
    const { graph: id, count = 1, text = '' } = call.body.fields;
    if (id === undefined) return textAnswer(404, texts.graphNotFound);
    const graph = await parts.graphs.findFor(account, id);
    const point = { time: parts.now(), count, text };
    if (graph !== undefined) await append(account.store, [{ graph, points: [point] }], parts.arrival(), async () => true);
    return redirect(
      `${call.prefix}/graphs/${typeof id === 'string' ? encodeURIComponent(id.toWellFormed()) : ''}`,
      call.headers.get('accept'),
    );
  });

/** `GET /graphs/` */
export const examplePage: Handler = async (call) => redirect('example', call.headers.get('accept'));
