/** Bars of one scale under a heading: their names, and points per second. */
export interface Panel {
  readonly title: string;
  readonly bars: ReadonlyMap<string, number>;
}

const width = 820;
const nameWidth = 300;
const rowHeight = 22;
const barHeight = 15;
const valueWidth = 70;
const titleHeight = 34;
const margin = 12;

/** By the first word of a name; all others are other people's clients. */
const colors: Readonly<Record<string, string>> = { writer: '#2563eb', bare: '#94a3b8' };
const otherColor = '#f59e0b';

/** An SVG picture of horizontal bars, the fastest of each panel first. It reads on light and dark pages alike. */
export function drawBars(panels: readonly Panel[]): string {
  const most = Math.max(...panels.flatMap(({ bars }) => [...bars.values()]));
  const scale = (width - nameWidth - valueWidth - 2 * margin) / most;
  let y = margin;
  const parts: string[] = [];
  for (const { title, bars } of panels) {
    parts.push(text(margin, y + 16, `${title}, thousand points per second`, 'font-weight="bold"'));
    y += titleHeight;
    for (const [name, value] of [...bars].sort(([, a], [, b]) => b - a)) {
      const length = Math.max(1, value * scale);
      parts.push(
        text(margin + nameWidth - 8, y + 12, name, 'text-anchor="end"'),
        `<rect x="${margin + nameWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2" fill="${colorOf(name)}"/>`,
        text(margin + nameWidth + length + 6, y + 12, Math.round(value / 1000).toLocaleString('en')),
      );
      y += rowHeight;
    }
    y += margin;
  }
  const style = 'font-family="system-ui, sans-serif" font-size="12" fill="#64748b"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" ${style}>\n${parts.join('\n')}\n</svg>\n`;
}

function colorOf(name: string): string {
  return colors[/^\w+/.exec(name)?.[0] ?? ''] ?? otherColor;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}"${attributes === '' ? '' : ` ${attributes}`}>${escaped}</text>`;
}
