import { AnySeriesError, type ErrorCode, isAnySeriesError } from '@anyseries/core';

/** What `node:sqlite` throws. */
interface SqliteFailure extends Error {
  readonly code: 'ERR_SQLITE_ERROR';
  readonly errcode: number;
  readonly errstr: string;
}

/** By primary result code of SQLite. */
const meanings: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  3: ['forbidden', 'the file may not be used; check its permissions'],
  5: ['locked', 'another process is writing; raise busyTimeoutMs or try again'],
  6: ['locked', 'another connection is writing; try again'],
  7: ['unavailable', 'there is not enough memory'],
  8: ['forbidden', 'the file or its folder cannot be written; check their permissions'],
  10: ['unavailable', 'the disk failed'],
  11: ['invalid', 'the file is damaged; restore a backup'],
  13: ['full', 'the disk is full'],
  14: ['unavailable', 'the file cannot be opened; check that its folder exists and may be written'],
  18: ['too-large', 'a value is larger than SQLite can keep'],
  23: ['forbidden', 'the file may not be used; check its permissions'],
  26: ['invalid', 'the file is no SQLite database'],
};

function isSqliteFailure(error: unknown): error is SqliteFailure {
  return error instanceof Error && (error as Partial<SqliteFailure>).code === 'ERR_SQLITE_ERROR';
}

/** Whether somebody else holds the file. */
export function isBusy(error: unknown): boolean {
  return isSqliteFailure(error) && (error.errcode & 0xff) === 5;
}

/** Any error as one of the contract that names the file. */
export function toAnySeriesError(error: unknown, path: string): AnySeriesError {
  if (isAnySeriesError(error)) return error;
  const details = { cause: error, provider: 'sqlite' };
  if (!isSqliteFailure(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return new AnySeriesError('protocol', `sqlite ${path}: failed unexpectedly: ${message}`, details);
  }
  const [code, meaning] = meanings[error.errcode & 0xff] ?? ['protocol', 'failed unexpectedly'];
  return new AnySeriesError(code, `sqlite ${path}: ${meaning} (SQLite ${error.errcode}: ${error.errstr})`, details);
}

/** A commit whose last step failed: only a failure before the log was written proves that nothing is stored. */
export function toCommitError(error: unknown, path: string): AnySeriesError {
  const known = toAnySeriesError(error, path);
  if (known.code === 'full' || known.code === 'locked') return known;
  return new AnySeriesError('unknown-outcome', `${known.message}; the commit may or may not survive`, { cause: error, provider: 'sqlite' });
}
