import { AnySeriesError } from '@anyseries/core';
import { readJson } from '@anyseries/core/http';
import type { CallContext } from '@anyseries/core/provider';
import type { Exchange } from './exchange.ts';
import type { Connection, TokenUse } from './settings.ts';
import { timestampAnswer } from './wire/answers.ts';
import { parseTime, type TimeFormat } from './wire/time.ts';

/** The clock of the service (section 4.2), in epoch milliseconds. Any valid token will do. */
export async function readServerTime(exchange: Exchange, format: TimeFormat, use: TokenUse, context: CallContext): Promise<number> {
  const answer = await exchange.request({ path: '/v1/devices/timestamp', search: { timefmt: format } }, use, context);
  const { server_timestamp } = await readJson(answer, timestampAnswer);
  const time = parseTime(server_timestamp, format);
  if (time === undefined) throw new AnySeriesError('protocol', 'the answer to a question for the time holds none');
  return time;
}

/** A use that there is a token for. */
export function anyUse({ tokenFor }: Connection): TokenUse {
  try {
    tokenFor('write');
    return 'write';
  } catch {
    return 'read';
  }
}
