import tempodb from 'tempodb-0.3';

// A Node client of the first generation, version 0.3.2 as it was published, in a process of its own: everything it can do, told as JSON.
// It speaks TLS and nothing else.

interface Answer {
  readonly response: number;
  readonly body: unknown;
}

const { TempoDBClient } = tempodb;
const { tlsPort, key, secret } = JSON.parse(process.argv[2]!) as { tlsPort: number; key: string; secret: string };
const options = { hostname: '127.0.0.1', port: tlsPort };
const client = new TempoDBClient(key, secret, options);

/** `call` is what the others are made of. */
const called = new Set(['call']);

function call(method: string, ...args: unknown[]): Promise<Answer> {
  called.add(method);
  return new Promise((resolve) => void client[method]!(...args, resolve));
}

const at = (time: string) => new Date(`2012-03-27T${time}Z`);
const day = [at('00:00:00'), at('23:59:59')] as const;
const idOf = ({ body }: Answer) => (body as { id: string }).id;

const told: Record<string, unknown> = {};

const created = await call('create_series', 'boiler-7');
told.created = created;
told.createdWithoutKey = await call('create_series', null);
told.createdTwice = await call('create_series', 'boiler-7');
told.updated = await call('update_series', idOf(created), 'boiler-7', 'Boiler seven', { site: 'north' }, ['heat']);
try {
  client.update_series!(idOf(created), 'boiler-7', '', {}, 'heat');
} catch (error) {
  told.updatedWithWrongTags = error;
}

told.writtenById = await call('write_id', idOf(created), [
  { t: at('00:00:00'), v: 40.5 },
  { t: at('01:30:00.250'), v: 43 },
]);
told.writtenByKey = await call('write_key', 'vat/b', [{ t: '2012-03-27T00:00:00', v: 7 }]);
told.writtenBulk = await call('write_bulk', at('02:15:00.900'), [
  { id: idOf(created), v: 38 },
  { key: 'vat/b', v: 8 },
]);
told.writtenBulkInPart = await call('write_bulk', at('03:00:00'), [{ key: 'vat/b', v: 9 }, { v: 1 }]);
told.writtenToUnknownId = await call('write_id', 'f'.repeat(32), [{ t: at('00:00:00'), v: 1 }]);

told.incrementedByKey = await call('increment_key', 'clicks', [
  { t: at('00:00:00'), v: 12.94 },
  { t: at('00:00:00'), v: -3.7 },
]);
told.incrementedBulk = await call('increment_bulk', at('00:00:00'), [{ key: 'clicks', v: 5 }]);
const [clicks] = (await call('get_series', { key: 'clicks' })).body as [{ id: string }];
told.incrementedById = await call('increment_id', clicks.id, [{ t: at('00:05:00'), v: 2 }]);

told.listed = await call('get_series', { id: idOf(created), key: ['clicks', 'vat/b'] });
told.tagged = await call('get_series', { tag: 'heat', attr: { site: 'north' } });
told.readById = await call('read_id', idOf(created), ...day, {});
told.readByKey = await call('read_key', 'boiler-7', ...day, { interval: '1hour', function: 'max' });
told.readOfBareSlash = await call('read_key', 'vat/b', ...day, { interval: 'raw' });
told.readSeveral = await call('read', at('00:00:00'), '2012-04-27T00:00:00Z', { key: ['clicks', 'boiler-7'] });
told.readUnknown = await call('read_key', 'nobody', ...day, {});

told.deletedByKey = await call('delete_key', 'vat/b', at('00:00:00'), at('02:15:00'));
told.deletedById = await call('delete_id', idOf(created), at('02:15:00'), at('02:15:00'));
told.nonAscii = await call('create_series', 'São Paulo');
told.afterNonAscii = await call('get_series', { key: 'clicks' });

const stranger = new TempoDBClient(key, 'wrong', options);
told.refused = await new Promise((resolve) => void stranger.get_series!({}, resolve));

told.notCalled = Object.keys(TempoDBClient.prototype).filter((method) => !called.has(method));

process.stdout.write(JSON.stringify(told));
