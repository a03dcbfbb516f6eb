import { isoText } from '../../wire/time.ts';
import { valueText } from '../../wire/value.ts';
import { authenticate } from '../authentication.ts';
import type { Call, Handler, Parts } from '../call.ts';
import { canWrite, type SeriesEntry } from '../directory.ts';
import { escapeHtml } from '../html.ts';
import { htmlAnswer } from '../pages.ts';
import { placeOf, type Row, shownRows } from '../points.ts';
import { captionOf, titleOf } from '../search.ts';
import { readableEntry } from '../series.ts';
import { sessionOf } from '../session-cookie.ts';

const shownAtMost = 50;

/** GET /series/ID/ and GET / */
export const seriesPage: Handler = async (call, parts) => {
  const session = await sessionOf(call, parts);
  const entry = (session && (await ownEntry(call, parts))) ?? (await readableEntry(call, parts));
  return htmlAnswer({ title: titleOf(entry), content: await seriesContent(call, entry) }, { ...call, session });

  /** What whoever has logged in owns, without other credentials. */
  async function ownEntry({ part }: Call, { directory }: Parts): Promise<SeriesEntry | undefined> {
    if ((await authenticate(call, parts)) !== undefined) return undefined;
    const found = await directory.find(part);
    return found !== undefined && canWrite(session!.user, found) ? found : undefined;
  }
};

export const homePage: Handler = async (call, parts) => {
  const root = escapeHtml(call.prefix);
  const content = `<p>This server keeps time series for programs that speak Timetric's protocol.</p>
<ul>
<li><a href="${root}/search/">Look for series</a></li>
<li><a href="${root}/settings/">Create API tokens and register applications</a></li>
</ul>`;
  return htmlAnswer({ title: 'Timetric', content }, { ...call, session: await sessionOf(call, parts) });
};

async function seriesContent({ prefix }: Call, entry: SeriesEntry): Promise<string> {
  const rows: Row[] = [];
  for await (const page of shownRows(placeOf(entry)).pages()) {
    rows.push(...page);
    rows.splice(0, Math.max(0, rows.length - shownAtMost));
  }
  const { description } = entry.series.attributes;
  const address = escapeHtml(`${prefix}/series/${entry.id}/csv`);
  const tags = entry.series.tags.map(escapeHtml).join(', ');
  return `<p>${escapeHtml(captionOf(entry))}</p>
${description === undefined ? '' : `<p>${escapeHtml(description)}</p>\n`}${tags === '' ? '' : `<p class="quiet">Tags: ${tags}</p>\n`}${newestTable(rows)}
<p>All of it as CSV: <a href="${address}/unix.csv">with Unix times</a>, <a href="${address}/iso.csv">with dates</a></p>`;
}

function newestTable(rows: readonly Row[]): string {
  if (rows.length === 0) return '<p>It has no values yet.</p>';
  const lines = rows.toReversed().map(({ time, value }) => `<tr><td>${isoText(time)}</td><td>${valueText(value)}</td></tr>`);
  return `<table>
<caption>The newest values</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Value</th></tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>`;
}
