import type { Call } from '../call.ts';
import { escapeHtml } from '../html.ts';
import type { Page } from '../pages.ts';
import { captionOf, type Found, titleOf } from '../search.ts';

export function searchPage({ search, total, entries }: Found, { prefix, path }: Call): Page {
  const root = escapeHtml(prefix);
  const here = prefix + path;
  const rows = entries.map(
    (entry) => `<li><a href="${root}/series/${escapeHtml(entry.id)}/">${escapeHtml(titleOf(entry))}</a>
<span class="quiet">${escapeHtml(captionOf(entry))}</span></li>`,
  );
  const numbers = rows.length === 0 ? 'No series.' : `${total} series, of which page ${search.page} shows ${rows.length}.`;
  const pages = [pageLink('Previous', search.page - 1), pageLink('Next', search.page * search.pageSize < total ? search.page + 1 : 0)];
  return {
    title: 'Series',
    content: `<form role="search" class="column" action="${escapeHtml(here)}">
<label class="field">Search <input name="q" type="search" value="${escapeHtml(search.text)}"></label>
<button>Search</button>
</form>
<p role="status">${numbers}</p>
<ul>
${rows.join('\n')}
</ul>
<nav aria-label="Pages">${pages.join(' ')}</nav>`,
  };

  function pageLink(text: string, page: number): string {
    if (page < 1) return '';
    const query = new URLSearchParams({ q: search.text, n: String(search.pageSize), p: String(page) });
    return `<a href="${escapeHtml(`${here}?${query}`)}">${text}</a>`;
  }
}
