import type { Clock } from '@anyseries/core';
import type { LogLevel } from './configuration.ts';

/** One entry of the log. Never holds headers, queries, bodies or secrets. */
export interface LogEntry {
  /** ISO 8601. */
  readonly time: string;
  readonly level: Exclude<LogLevel, 'silent'>;
  /** `request`, or what happened. */
  readonly message: string;
  readonly [detail: string]: unknown;
}

type Details = Readonly<Record<string, unknown>>;

export interface Log {
  /** Whether entries of this level are written: what is costly to tell is asked first. */
  writes(level: LogEntry['level']): boolean;
  debug(message: string, details?: Details): void;
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
  error(message: string, details?: Details): void;
}

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

export function createLog(write: (entry: LogEntry) => void, least: LogLevel, clock: Clock): Log {
  const writes = (level: LogLevel) => severity[level] >= severity[least];
  const at = (level: LogEntry['level']) => (message: string, details?: Details) => {
    if (writes(level)) write({ time: new Date(clock.now()).toISOString(), level, message, ...details });
  };
  return { writes, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Writes entries as lines of JSON; those of one turn of the event loop leave together. */
export function jsonLines(stream: { write(text: string): unknown }): (entry: LogEntry) => void {
  let waiting = '';
  return (entry) => {
    if (waiting === '') setImmediate(flush);
    waiting += `${JSON.stringify(entry)}\n`;
  };

  function flush(): void {
    const lines = waiting;
    waiting = '';
    stream.write(lines);
  }
}

/** The path of a target as a log may show it: without the query, and without what looks like credentials in the path itself. */
export function loggedPath(target: string): string {
  const end = target.search(/[?#]|%3f/i);
  const path = end === -1 ? target : target.slice(0, end);
  return path.replace(/((?:token|secret|password|signature|api_?key|authorization)[^/=]*?(?:=|%3d))[^/&;]*/gi, '$1***');
}
