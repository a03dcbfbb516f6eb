import tempodb from 'tempodb-1.0';

// The last Node client of the service, version 1.0.0 as it was published, in a process of its own: everything it can do, told as JSON.

interface Answer {
  readonly status: number;
  readonly successful: number;
  readonly json: unknown;
}

type Callback = (error: (Error & { readonly response?: Answer }) | null, answer: Answer | null) => void;

type Client = InstanceType<typeof tempodb.TempoDBClient>;

interface Cursor {
  readonly linkHeader: string | undefined;
  next(callback: (row: unknown) => void): void;
  nextPage(callback: (error: unknown, rows: readonly unknown[]) => void): unknown;
  readAll(callback: (error: unknown, rows: readonly unknown[]) => void): void;
  map(mapper: (error: unknown, row: unknown) => unknown, callback: (error: unknown, rows: unknown[]) => void): void;
  toArray(callback: (error: unknown, rows: unknown[]) => void): void;
}

const { TempoDBClient } = tempodb;
const { port, key, secret } = JSON.parse(process.argv[2]!) as { port: number; key: string; secret: string };
const options = { hostname: '127.0.0.1', port, secure: false };
const client = new TempoDBClient('database', key, secret, options);

const called = new Set<string>();

function answerOf(to: Client, method: string, args: readonly unknown[]): Promise<Answer> {
  called.add(method);
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, answer) => {
      const told = answer ?? error?.response;
      if (told === undefined) reject(error);
      else resolve(told);
    };
    to[method]!(...args, callback);
  });
}

async function call(method: string, ...args: unknown[]): Promise<object> {
  const { status, successful, json } = await answerOf(client, method, args);
  return { status, successful, json };
}

/** The first answer of a read in pages, with the cursor that it brings. */
async function open(method: string, ...args: unknown[]): Promise<{ head: object; cursor: Cursor }> {
  const { status, json } = await answerOf(client, method, args);
  const { data, ...head } = json as { data: Cursor };
  return { head: Array.isArray(json) ? { status } : { status, ...head }, cursor: data };
}

const toArray = (cursor: Cursor) => new Promise((resolve) => cursor.toArray((_error, rows) => resolve(rows)));

const map = (cursor: Cursor, mapper: (row: unknown) => unknown) =>
  new Promise((resolve) =>
    cursor.map(
      (_error, row) => mapper(row),
      (_error, rows) => resolve(rows),
    ),
  );

function readAll(cursor: Cursor): Promise<unknown[]> {
  const pages: unknown[] = [];
  return new Promise((resolve) => {
    cursor.readAll((_error, rows) => {
      pages.push(rows.length);
      if (cursor.linkHeader === undefined) resolve(pages);
    });
  });
}

async function nextPages(cursor: Cursor): Promise<unknown[]> {
  const pages: unknown[] = [];
  while (cursor.linkHeader !== undefined) {
    await new Promise<void>((resolve) => {
      cursor.nextPage((_error, rows) => {
        pages.push(rows.length);
        resolve();
      });
    });
  }
  return pages;
}

/** `next` takes rows off one page; where a page ends, this version of the client waits for ever. */
async function next(cursor: Cursor, count: number): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (let i = 0; i < count; i++) rows.push(await new Promise((resolve) => cursor.next(resolve)));
  return rows;
}

/** A read in pages to its end. */
async function read(method: string, ...args: unknown[]): Promise<object> {
  const { head, cursor } = await open(method, ...args);
  return { ...head, data: await toArray(cursor) };
}

const at = (time: string) => new Date(`2012-01-01T${time}Z`);
const day = [at('00:00:00'), at('23:59:59')] as const;
const keyOf = (row: unknown) => (row as { key: string }).key;

const told: Record<string, unknown> = {};

told.created = await call('create_series', 'plant.unit:7.temperature');
told.createdByAlias = await call('createSeries', 'fan');
told.createdWithoutKey = await call('create_series', null);
told.createdTwice = await call('create_series', 'fan');
told.got = await call('get_series', 'plant.unit:7.temperature');
told.gotByAlias = await call('getSeries', 'fan');
told.gotUnknown = await call('get_series', 'nobody');
told.updated = await call('update_series', 'fan', { name: 'Fan', tags: ['round', 'loud'], attributes: { room: 'north wing' } });
told.updatedInPart = await call('updateSeries', 'fan', { name: 'The fan' });

told.written = await call('write_key', 'tank', [
  { t: at('00:00:00'), v: 10 },
  { t: at('00:20:00.250'), v: 14.5 },
  { t: at('00:40:00'), v: 12 },
]);
told.writtenByAlias = await call('writeKey', 'tank', [
  { t: '2012-01-01T01:00:00Z', v: 20 },
  { t: '2012-01-01T01:30:00.000+0000', v: 26 },
  { t: '2011-12-31T21:00:00.000-06:00', v: 5 },
]);
told.writtenToBareSlash = await call('write_key', 'rack 1/fan', [{ t: at('00:00:00'), v: 1 }]);
told.writtenMulti = await call('write_multi', [
  { key: 'tank2', t: at('00:20:00.250'), v: 1.5 },
  { key: 'tank2', t: at('03:00:00'), v: 2.5 },
  { key: 'fan', v: 7 },
]);
told.writtenInPart = await call('writeMulti', [{ key: 'tank2', t: at('04:00:00'), v: 3.5 }, { t: at('04:00:00'), v: 1 }, {}]);
told.writtenWrong = await call('write_key', 'tank', [{ t: at('05:00:00'), v: 'five' }]);

told.all = await read('list_series', {});
told.pagesOfAll = await readAll((await open('listSeries', { limit: 3 })).cursor);
told.furtherPagesOfAll = await nextPages((await open('list_series', { limit: 3 })).cursor);
told.keysOfAll = await map((await open('list_series', { limit: 2 })).cursor, keyOf);
told.namedInPages = await read('list_series', { key: ['tank', 'fan', 'rack 1/fan'], limit: 2 });
told.tagged = await read('list_series', { tag: ['loud', 'round'], attr: { room: 'north wing' } });

told.points = await read('read', 'tank', ...day, {});
told.pointsInPages = await read('read', 'tank', ...day, { limit: 4 });
told.pageSizes = await readAll((await open('read', 'tank', ...day, { limit: 4 })).cursor);
told.pointsOneByOne = await next((await open('read', 'tank', ...day, {})).cursor, 6);
told.pointsOfBareSlash = await read('read', 'rack 1/fan', ...day, {});
told.rolledUp = await read('read', 'tank', ...day, { 'rollup.period': '1hour', 'rollup.fold': 'max', tz: 'America/Chicago', limit: 2 });
told.rolledUpAsInReadme = await read('read', 'tank', ...day, { interval: '1hour', function: 'sum' });
told.fromMilliseconds = await read('read', 'tank', at('00:20:00.999'), at('00:20:01'), {});
told.fromText = await read('read', 'tank', '2012-01-01T00:20:00.251Z', '2012-01-01T00:40:00.000Z', {});
told.several = await read('read_multi', at('00:20:00'), at('03:30:00'), { key: ['tank', 'tank2'], limit: 2 });
told.severalByAlias = await read('readMulti', at('03:00:00'), at('03:30:00'), { key: ['tank', 'tank2'] });
told.aggregated = await read('aggregate', ...day, 'sum', { key: ['tank', 'tank2'], limit: 4 });
told.folds = await read('get_multi_rollups', 'tank', ...day, { 'rollup.fold': ['max', 'count'], 'rollup.period': 'PT1H', limit: 2 });
told.foldsByAlias = await read('getMultiRollups', 'tank', ...day, { 'rollup.fold': ['min'], 'rollup.period': '1day' });
told.summary = await call('get_summary', 'tank', ...day);
told.summaryByAlias = await call('getSummary', 'tank2', ...day);
const predicate = { 'predicate.function': 'max', 'predicate.period': '1hour' };
told.found = await read('find_by_key', 'tank', ...day, { ...predicate, limit: 2 });
told.foundByAlias = await read('findByKey', 'tank2', ...day, predicate);
told.single = await call('single_value_by_key', 'tank', at('02:00:00'), { direction: 'nearest' });
told.singleByAlias = await call('singleValueByKey', 'tank', at('02:00:00'), {});
told.singleAtMilliseconds = await call('single_value_by_key', 'tank', at('00:20:00.250'), {});
told.singleAtText = await call('single_value_by_key', 'tank', '2012-01-01T00:20:00.250Z', {});
told.singles = await read('single_value', at('00:30:00'), { key: ['tank', 'tank2', 'fan'], direction: 'before', limit: 2 });
told.singlesByAlias = await read('singleValue', at('00:00:00'), { key: 'tank' });

told.deleted = await call('delete_key', 'tank', at('00:40:00'), at('01:30:00'));
told.deletedInstant = await call('deleteKey', 'tank', at('03:00:00'), at('03:00:00'));
told.deletedUnknown = await call('delete_key', 'nobody', ...day);
told.deletedSeries = await call('delete_series', { key: ['rack 1/fan'], allow_truncation: false });
told.deletedWithoutFilter = await call('deleteSeries', {});
told.readUnknown = await call('read', 'nobody', ...day, {});

// it counts characters where bytes are wanted: the body arrives cut short, and the rest of it stands before the next request
told.nonAscii = await call('create_series', 'São Paulo');
told.afterNonAscii = await call('get_series', 'tank2');
told.nonAsciiInPath = await call('write_key', 'Zürich', [{ t: at('00:00:00'), v: 1 }]);

const stranger = new TempoDBClient('database', key, 'wrong', options);
told.refused = (await answerOf(stranger, 'get_series', ['tank'])).status;

told.notCalled = Object.keys(TempoDBClient.prototype).filter((method) => !called.has(method));

process.stdout.write(JSON.stringify(told));
