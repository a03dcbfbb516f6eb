import { addressOf, type Call } from './call.ts';
import type { SeriesEntry } from './directory.ts';
import { escapeHtml } from './html.ts';
import { placeOf, shownRows } from './points.ts';
import { captionOf, type Found, titleOf } from './search.ts';

/** What was found, as an Atom feed with the numbers of OpenSearch ("Search" of the protocol document). */
export async function searchFeed({ search, total, entries }: Found, call: Call): Promise<Response> {
  const { text, page, pageSize } = search;
  const self = escapeHtml(addressOf(call, call.path + (call.query === '' ? '' : `?${call.query}`)));
  const updated = await Promise.all(entries.map(lastChange));
  const newest = updated.reduce((latest, time) => Math.max(latest, time), 0);
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">',
    `<title>${escapeHtml(`Timetric Search: ${text}`)}</title>`,
    `<id>${self}</id>`,
    `<link rel="self" href="${self}"/>`,
    `<updated>${dateText(newest)}</updated>`,
    '<author><name>Timetric</name></author>',
    `<opensearch:totalResults>${total}</opensearch:totalResults>`,
    `<opensearch:startIndex>${(page - 1) * pageSize + 1}</opensearch:startIndex>`,
    `<opensearch:itemsPerPage>${pageSize}</opensearch:itemsPerPage>`,
    ...entries.map((entry, i) => entryText(entry, updated[i]!, call)),
    '</feed>',
  ];
  return new Response(new TextEncoder().encode(`${lines.join('\n')}\n`), {
    headers: { 'content-type': 'application/atom+xml; charset=utf-8' },
  });
}

function entryText(entry: SeriesEntry, updated: number, call: Call): string {
  const address = escapeHtml(addressOf(call, `/series/${entry.id}/`));
  const title = `<title>${escapeHtml(titleOf(entry))}</title>`;
  const date = `<updated>${dateText(updated)}</updated>`;
  return `<entry><id>${address}</id>${title}<link href="${address}"/>${date}<summary>${escapeHtml(captionOf(entry))}</summary></entry>`;
}

async function lastChange(entry: SeriesEntry): Promise<number> {
  const newest = await shownRows(placeOf(entry)).newest();
  return Math.max(entry.createdAt, newest?.time ?? 0);
}

function dateText(time: number): string {
  return new Date(Math.floor(time)).toISOString();
}
