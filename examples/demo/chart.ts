export interface ChartOptions {
  readonly title: string;
  /** Characters of a line; a chart takes at least 40. */
  readonly width: number;
  /** The most lines of the plot itself. */
  readonly height: number;
  /** Whether to colour it with ANSI sequences. */
  readonly color: boolean;
}

interface ChartPoint {
  readonly time: number;
  readonly value: number;
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

const leastWidth = 40;
/** A character of braille is a grid of 2 by 4 dots; these are their bits, column by column from the top. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
/** From cold to warm, as numbers of the 256-colour palette. */
const palette = [27, 33, 38, 43, 79, 149, 185, 214, 208, 203] as const;

/** Draws points as a line of braille with the values to its left and the years below. */
export function drawChart(points: readonly ChartPoint[], options: ChartOptions): string[] {
  if (points.length === 0) return [options.title, '  (no points)'];
  const scale = chooseScale(points, options.height);
  const intervals = Math.round((scale.high - scale.low) / scale.step);
  const rowsPerTick = Math.max(1, Math.floor((options.height - 1) / intervals));
  const height = intervals * rowsPerTick + 1;
  const labels = new Map(
    Array.from({ length: intervals + 1 }, (_, tick) => [tick * rowsPerTick, formatTick(scale.high - tick * scale.step, scale.step)]),
  );
  const margin = Math.max(...[...labels.values()].map((label) => label.length)) + 3;
  const width = Math.max(leastWidth, options.width) - margin - 1;
  const plot = plotLine(points, scale, width, height).map((line, row) => {
    const axis = labels.has(row) ? '┤' : '│';
    const text = line.replace(/\u2800+$/, '').replaceAll('\u2800', ' ');
    return `${(labels.get(row) ?? '').padStart(margin - 1)}${axis}${options.color ? paint(text, 1 - row / (height - 1)) : text}`;
  });
  return [options.title, ...plot, ...drawYears(points, margin, width)];
}

/** A round step, and bounds on it that hold all values. */
function chooseScale(points: readonly ChartPoint[], height: number): Scale {
  const values = points.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const rough = (most - least || Math.abs(most) || 1) / Math.max(1, Math.floor(height / 2));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const low = Math.floor(least / step) * step;
  return { low, high: Math.max(low + step, Math.ceil(most / step) * step), step };
}

function formatTick(tick: number, step: number): string {
  return tick.toFixed(Math.max(0, -Math.floor(Math.log10(step))));
}

function plotLine(points: readonly ChartPoint[], scale: Scale, width: number, height: number): string[] {
  const cells = Array.from({ length: height }, () => new Uint8Array(width));
  const place = horizontal(points, width * 2);
  const level = ({ value }: ChartPoint) => Math.round((1 - (value - scale.low) / (scale.high - scale.low)) * (height * 4 - 1));
  const [first] = points;
  let [x, y] = [place(first!), level(first!)];
  setDot(cells, x, y);
  for (const point of points.slice(1)) {
    const [nextX, nextY] = [place(point), level(point)];
    const steps = Math.max(Math.abs(nextX - x), Math.abs(nextY - y), 1);
    for (let i = 1; i <= steps; i++) {
      setDot(cells, Math.round(x + ((nextX - x) * i) / steps), Math.round(y + ((nextY - y) * i) / steps));
    }
    [x, y] = [nextX, nextY];
  }
  return cells.map((row) => String.fromCharCode(...[...row].map((bits) => 0x2800 + bits)));
}

function setDot(cells: readonly Uint8Array[], x: number, y: number): void {
  cells[y >> 2]![x >> 1]! |= dots[(x & 1) as 0 | 1][(y & 3) as 0 | 1 | 2 | 3];
}

/** Where a time is on a line of `width` places. */
function horizontal(points: readonly ChartPoint[], width: number): (point: { readonly time: number }) => number {
  const [start, end] = [points[0]!.time, points.at(-1)!.time];
  return ({ time }) => (end === start ? 0 : Math.round(((time - start) / (end - start)) * (width - 1)));
}

/** The axis below, with a mark and a label where a year begins, as far as there is room. */
function drawYears(points: readonly ChartPoint[], margin: number, width: number): string[] {
  const place = horizontal(points, width);
  const [from, to] = [points[0]!.time, points.at(-1)!.time].map((time) => new Date(time).getUTCFullYear());
  const axis = Array.from({ length: width }, () => '─');
  const labels = Array.from({ length: width }, () => ' ');
  let free = 0;
  for (let year = from!; year <= to!; year++) {
    const time = Date.UTC(year, 0);
    const column = time < points[0]!.time ? -1 : place({ time });
    if (column < free || column + 4 > width) continue;
    axis[column] = '┬';
    labels.splice(column, 4, ...String(year).padStart(4));
    free = column + 6;
  }
  return [`${' '.repeat(margin - 1)}└${axis.join('')}`, `${' '.repeat(margin)}${labels.join('').trimEnd()}`];
}

/** `warmth` goes from 0, the coldest colour, to 1. */
function paint(text: string, warmth: number): string {
  return text === '' ? text : `\x1b[38;5;${palette[Math.round(warmth * (palette.length - 1))]}m${text}\x1b[0m`;
}
