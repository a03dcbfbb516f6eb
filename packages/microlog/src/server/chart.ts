import { bucketCount, bucketLabel, type GraphWindow } from '../wire/graph-window.ts';
import { escapeHtml } from '../wire/html.ts';

const [width, height] = [1000, 360];
const edge = { left: 64, right: 12, top: 12, bottom: 32 };
const plot = { width: width - edge.left - edge.right, height: height - edge.top - edge.bottom };
const labelsAcross = 6;

/** A line through the sums of the buckets, as SVG that stands in the page; pointing at a bucket tells its time and its sum. */
export function drawChart(title: string, { first, interval }: GraphWindow, sums: readonly number[]): string {
  const shown = sums.map((sum) => (Number.isFinite(sum) ? sum : 0));
  const scale = niceScale(Math.min(0, ...shown), Math.max(0, ...shown));
  const x = (bucket: number) => round(edge.left + (plot.width * bucket) / (bucketCount - 1));
  const y = (value: number) => round(edge.top + plot.height * (1 - (value - scale.low) / (scale.high - scale.low)));
  const line = shown.map((sum, bucket) => `${x(bucket)},${y(sum)}`).join(' ');
  const start = (bucket: number) => first + bucket * interval;
  const across = Array.from({ length: labelsAcross }, (_, place) => Math.round((place * (bucketCount - 1)) / (labelsAcross - 1)));
  const step = plot.width / (bucketCount - 1);

  const grid = scale.ticks.map(
    (tick) => `<line class="${tick === 0 ? 'zero' : 'grid'}" x1="${edge.left}" x2="${width - edge.right}" y1="${y(tick)}" y2="${y(tick)}"/>
<text x="${edge.left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${formatTick(tick)}</text>`,
  );
  const times = across.map((bucket, place) => {
    const anchor = place === 0 ? 'start' : place === labelsAcross - 1 ? 'end' : 'middle';
    return `<text x="${x(bucket)}" y="${height - 8}" text-anchor="${anchor}">${timeLabel(start(bucket), interval)}</text>`;
  });
  const buckets = sums.map(
    (
      sum,
      bucket,
    ) => `<rect class="bucket" x="${round(x(bucket) - step / 2)}" y="${edge.top}" width="${round(step)}" height="${plot.height}">
<title>${bucketLabel(start(bucket))}: ${sum}</title></rect>`,
  );
  return `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">
${grid.join('\n')}
${times.join('\n')}
<polygon class="area" points="${x(0)},${y(0)} ${line} ${x(bucketCount - 1)},${y(0)}"/>
<polyline class="curve" points="${line}"/>
${buckets.join('\n')}
</svg>`;
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** About five steps of 1, 2 or 5 times a power of ten, from below the least value to above the greatest. */
function niceScale(least: number, greatest: number): Scale {
  const rough = Math.max((greatest - least) / 5, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power <= 1 ? 1 : rough / power <= 2 ? 2 : rough / power <= 5 ? 5 : 10);
  if (!Number.isFinite(step)) return { low: 0, high: 1, ticks: [0] };
  const [from, to] = [Math.floor(least / step), Math.max(Math.ceil(greatest / step), Math.floor(least / step) + 1)];
  return { low: from * step, high: to * step, ticks: Array.from({ length: to - from + 1 }, (_, place) => (from + place) * step) };
}

const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

function formatTick(value: number): string {
  if (Math.abs(value) >= 1e15) return value.toExponential(0);
  return (Math.abs(value) < 10_000 ? plain : compact).format(value === 0 ? 0 : value);
}

/** The day where the window spans several, else the time. */
function timeLabel(seconds: number, interval: number): string {
  const text = new Date(seconds * 1000).toISOString();
  const [day, time] = [text.slice(-19, -14), text.slice(-13, -5)];
  if (interval >= 3600) return day;
  return interval >= 60 ? `${day} ${time.slice(0, 5)}` : time;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
