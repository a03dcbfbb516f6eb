import Papa from 'papaparse';
import { parseTimestamp } from './time.ts';
import { parseValue, type TimetricValue } from './value.ts';

/** Why a text is no data: the line, from 1, and what is wrong with it. */
export class CsvFault extends Error {
  readonly line: number;

  constructor(line: number, problem: string) {
    super(`Line ${line}: ${problem}`);
    this.line = line;
  }
}

/** Takes one row. @param time epoch milliseconds */
export type TakeRow = (time: number, value: TimetricValue, line: number) => void;

/** Parsed at a time: enough to be quick, and little enough to be held beside its rows. */
const pieceLength = 1 << 16;

/**
 * Reads CSV of two columns without a header ("Time and value formats"): blanks around fields, quotes, either line end and empty lines are all
 * right. Parses piece by piece, so that only the text itself is ever held whole.
 *
 * @throws CsvFault for the first row that cannot be read
 */
export function readCsv(text: string, take: TakeRow): void {
  const reader = createCsvReader(take);
  reader.add(text);
  reader.end();
}

/** The same for a text that comes in parts, cut anywhere. */
export interface CsvReader {
  /** @throws CsvFault */
  add(part: string): void;
  /** @throws CsvFault */
  end(): void;
}

export function createCsvReader(take: TakeRow): CsvReader {
  let rest = '';
  let line = 0;

  function readLines(text: string): void {
    const { data, errors } = Papa.parse<string[]>(text, { delimiter: ',', newline: '\n' });
    const fault = errors.find(({ type }) => type === 'Quotes');
    if (fault !== undefined) throw new CsvFault(line + (fault.row ?? 0) + 1, 'cannot read its quotes.');
    for (const fields of data) {
      line++;
      if (fields.length === 2) readRow(fields[0]!, fields[1]!);
      else if (fields.length > 2 || fields[0]!.trim() !== '')
        throw new CsvFault(line, `has ${columns(fields.length)} instead of 2 columns.`);
    }
    // what follows the last line end is no line
    line--;
  }

  function readRow(first: string, second: string): void {
    const time = parseTimestamp(first) ?? parseTimestamp(trimmed(first));
    if (time === undefined) throw new CsvFault(line, `cannot read timestamp ${quoted(trimmed(first))}.`);
    const value = readValue(second);
    if (value === undefined) throw new CsvFault(line, `cannot read value ${quoted(trimmed(second))}.`);
    take(time, value, line);
  }

  function add(part: string): void {
    const text = rest + part;
    let at = 0;
    while (text.length - at > pieceLength) {
      const end = text.indexOf('\n', at + pieceLength) + 1;
      if (end === 0) break;
      readLines(text.slice(at, end));
      at = end;
    }
    rest = text.slice(at);
  }

  return {
    add,
    end() {
      const last = rest;
      rest = '';
      readLines(last);
    },
  };
}

/** Blanks are looked for only where there is something in the way. */
function readValue(field: string): TimetricValue | undefined {
  const value = parseValue(field);
  return value === undefined ? parseValue(trimmed(field)) : value;
}

/** A field without blanks around it; and without the quotes of one that stands behind a blank, which the parser takes for part of the text. */
function trimmed(field: string): string {
  const text = field.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).trim() : text;
}

function columns(count: number): string {
  return count === 1 ? '1 column' : `${count} columns`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);
}
