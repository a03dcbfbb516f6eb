/** Lines in columns that are as wide as they must be. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, place) => Math.max(cell.length, widest[place] ?? 0)), []);
  const line = (row: readonly string[]) => row.map((cell, place) => cell.padEnd(widths[place]!)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** A time as people read it. */
export function day(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}
