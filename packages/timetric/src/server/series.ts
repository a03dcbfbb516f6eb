import { isAnySeriesError } from '@anyseries/core';
import { floorTime } from '@anyseries/core/provider';
import { secondsText } from '../wire/time.ts';
import { parseNumber, parseValue, type TimetricValue, valueText } from '../wire/value.ts';
import { emptyAnswer, jsonAnswer, jsonTextAnswer, readable } from './answers.ts';
import { authenticate, mustAuthenticate } from './authentication.ts';
import { addressOf, type Call, type Handler, type Parts } from './call.ts';
import { type Change, canWrite, type SeriesEntry } from './directory.ts';
import { readMetadata, readNewSeries } from './metadata.ts';
import { placeOf, putRows, readUpload, replaceRows, shownRows, uploadOf } from './points.ts';
import { badRequest, basicRefusal, noSuchSeries, parameterProblem, Refusal } from './refusal.ts';
import { csvBytes, entityTag, isoRow, unixRow, type WriteRow } from './rows-as-csv.ts';

/** POST /create/ */
export const createSeries: Handler = async (call, parts) => {
  const user = await mustAuthenticate(call, parts);
  const { parameters, csv } = await call.content();
  const made = readNewSeries(parameters);
  // read before anything is made, so that a bad row makes nothing
  if (csv !== undefined) readUpload(csv, '');
  const fill = csv === undefined ? undefined : (change: Change) => putRows(change, readUpload(csv, change.key));
  const id = await parts.directory.create(user, made, fill);
  const location = addressOf(call, `/series/${id}/`);
  // a browser would follow the redirect before a program in it could read where it leads
  if (/\bapplication\/json\b/i.test(call.headers.get('accept') ?? '')) return jsonAnswer(201, { name: id }, { location });
  return emptyAnswer(302, { location });
};

/** POST /series/ID/ */
export const addToSeries: Handler = async (call, parts) => {
  const entry = await writable(call, parts);
  const { parameters, csv } = await call.content();
  const [value, increment] = [parameters.get('value'), parameters.get('increment')];
  if ([value, increment, csv].filter((given) => given !== undefined).length !== 1)
    throw badRequest('Give one of value, increment and a file csv.');
  if (csv === undefined && parameters.has('timestamp')) throw badRequest('A value has the time of its arrival; send CSV to name another.');
  await parts.directory.change(entry, async (change) => {
    if (csv !== undefined) await putRows(change, readUpload(csv, change.key));
    else if (value !== undefined) await addValue(change, readValue(value), parts.now());
    else await addIncrement(change, readIncrement(increment!), parts.now());
  });
  return emptyAnswer(204);
};

/** PUT /series/ID/ */
export const rewriteSeries: Handler = async (call, parts) => {
  const entry = await writable(call, parts);
  const { csv } = await call.content();
  if (csv === undefined) throw badRequest('Give a body of CSV.');
  const expected = call.headers.get('if-match');
  await parts.directory.change(entry, async (change) => {
    if (expected !== null) await checkUnchanged(change, expected);
    await replaceRows(change, readUpload(csv, change.key));
  });
  return emptyAnswer(204);
};

/** DELETE /series/ID/ */
export const deleteSeries: Handler = async (call, parts) => {
  await parts.directory.delete(await writable(call, parts));
  return emptyAnswer(204);
};

/** PUT /series/ID/metadata/, which is an extension */
export const putMetadata: Handler = async (call, parts) => {
  const { store, series } = await writable(call, parts);
  const { body } = await call.content();
  await store.putSeries({ key: series.key, ...readMetadata(body, series.key) }).catch((error: unknown) => {
    throw isAnySeriesError(error) && error.code === 'invalid' ? badRequest(error.message) : error;
  });
  return emptyAnswer(204);
};

/** GET /series/ID/csv/ and /csv/unix.csv */
export const readUnixCsv: Handler = async (call, parts) => readCsv(await readableEntry(call, parts), unixRow);

/** GET /series/ID/csv/iso.csv */
export const readIsoCsv: Handler = async (call, parts) => readCsv(await readableEntry(call, parts), isoRow);

/** GET /series/ID/value/json/ */
export const readValueJson: Handler = async (call, parts) => {
  const entry = await readableEntry(call, parts);
  const newest = await shownRows(placeOf(entry)).newest();
  const [timestamp, value] = newest === undefined ? ['null', 'null'] : [secondsText(newest.time), valueText(newest.value)];
  return readable(jsonTextAnswer(200, `{"timestamp": ${timestamp}, "value": ${value}}`));
};

async function readCsv(entry: SeriesEntry, write: WriteRow): Promise<Response> {
  const rows = shownRows(placeOf(entry));
  const bytes = await csvBytes(rows, write);
  const omitted = rows.omitted();
  const headers = {
    'content-type': 'text/csv; charset=utf-8',
    ...(write === unixRow ? { etag: await entityTag(bytes) } : {}),
    ...(omitted > 0 ? { 'anyseries-omitted': String(omitted) } : {}),
  };
  return readable(new Response(bytes, { headers }));
}

/** The series of the path, for its owner. @throws Refusal 401, 403 or 404 */
async function writable(call: Call, parts: Parts): Promise<SeriesEntry> {
  const user = await mustAuthenticate(call, parts);
  const entry = await parts.directory.find(call.part);
  if (entry === undefined) throw noSuchSeries();
  if (!canWrite(user, entry)) throw forbidden();
  return entry;
}

/** The series of the path, for whom may read it. Whether there is one nobody learns without credentials. @throws Refusal 401, 403 or 404 */
export async function readableEntry(call: Call, parts: Parts): Promise<SeriesEntry> {
  const user = await authenticate(call, parts);
  const entry = await parts.directory.find(call.part);
  if (entry?.isPublic) return entry;
  if (user === undefined) throw basicRefusal(parameterProblem);
  if (entry === undefined) throw noSuchSeries();
  if (!canWrite(user, entry)) throw forbidden();
  return entry;
}

function forbidden(): Refusal {
  return new Refusal(403, 'You are not allowed to access this resource.');
}

async function checkUnchanged(change: Change, expected: string): Promise<void> {
  const tag = await entityTag(await csvBytes(shownRows(change), unixRow));
  if (!expected.split(',').some((each) => each.trim() === tag || each.trim() === '*'))
    throw new Refusal(412, 'The series has changed since it was read.');
}

function readValue(text: string): TimetricValue {
  const value = parseValue(text.trim());
  if (value === undefined) throw badRequest(`Cannot read value ${JSON.stringify(text.slice(0, 40))}.`);
  return value;
}

function readIncrement(text: string): number {
  const amount = parseNumber(text.trim());
  if (amount === undefined) throw badRequest(`Cannot read increment ${JSON.stringify(text.slice(0, 40))}.`);
  return amount;
}

/** Puts a value at a time of its own: those in quick succession all stay. */
async function addValue(change: Change, value: TimetricValue, now: number): Promise<void> {
  const { lastAt = Number.NEGATIVE_INFINITY } = change.state;
  const arrivedAt = floorTime(now, 'us');
  const time = arrivedAt > lastAt ? arrivedAt : Math.round(lastAt * 1000 + 1) / 1000;
  await putRows(change, uploadOf({ time, value }, change.key));
  change.note({ lastAt: time });
}

async function addIncrement(change: Change, amount: number, now: number): Promise<void> {
  const newest = await shownRows(change).newest();
  if (typeof newest?.value === 'boolean') throw badRequest('The newest value is true or false; only a number can be incremented.');
  const value = (newest?.value ?? 0) + amount;
  if (!Number.isFinite(value)) throw badRequest('The sum is larger than any number that can be kept.');
  // what lies in the future is the newest value until then: increments add up there
  if (newest !== undefined && newest.time > now) await putRows(change, uploadOf({ time: newest.time, value }, change.key));
  else await addValue(change, value, now);
}
