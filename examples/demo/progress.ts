import type { WriteStream } from 'node:tty';

/** Tells how far the work is: a bar on a terminal, plain lines elsewhere. */
export interface Progress {
  /** A line that stays. */
  line(text?: string): void;
  /** Begins a stage of `total` units. */
  begin(stage: string, total: number): void;
  advance(units: number): void;
  /** Ends the stage with a line that says what it came to. */
  end(summary: string): void;
}

const barWidth = 32;
const redrawMs = 50;

export function createProgress(output: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean }): Progress {
  return output.isTTY === true ? createBar(output) : createLines(output);
}

function createLines(output: Pick<WriteStream, 'write'>): Progress {
  return {
    line: (text = '') => void output.write(`${text}\n`),
    begin: (stage, total) => void output.write(`  ${stage} ${total.toLocaleString('en')} ...\n`),
    advance() {},
    end: (summary) => void output.write(`  ${summary}\n`),
  };
}

function createBar(output: Pick<WriteStream, 'write'>): Progress {
  let stage = '';
  let total = 0;
  let done = 0;
  let drawn = 0;

  function draw(): void {
    drawn = performance.now();
    const part = total === 0 ? 1 : Math.min(1, done / total);
    const full = Math.round(part * barWidth);
    const percent = `${Math.floor(part * 100)}`.padStart(3);
    output.write(`\r\x1b[2K  ${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${percent} %  ${stage}`);
  }

  return {
    line: (text = '') => void output.write(`\r\x1b[2K${text}\n`),
    begin(name, units) {
      [stage, total, done] = [name, units, 0];
      draw();
    },
    advance(units) {
      done += units;
      if (performance.now() - drawn >= redrawMs) draw();
    },
    end: (summary) => void output.write(`\r\x1b[2K  ${summary}\n`),
  };
}
