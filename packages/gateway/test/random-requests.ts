import type { Dispatcher } from 'undici';

/** A request as undici takes it. */
export type RandomRequest = Dispatcher.RequestOptions & { readonly body: string | Buffer | null };

export interface RandomRequests {
  (): RandomRequest;
  /** A request as bytes, damaged somewhere. */
  bytes(): Uint8Array;
}

const segments = [
  'series',
  'key',
  'id',
  'data',
  'multi',
  'increment',
  'segment',
  'single',
  'find',
  'summary',
  'rollups',
  'nothing',
  '..',
  '%2e%2e',
  '%zz',
  '%00',
  '%C3%28',
  'a b',
];
const keys = ['boiler-7', 'plant2.unit:7.temp', 'rack%201%2Ffan', 'rack 1/fan', 'k', '%F0%9F%98%80', 'x'.repeat(1100), '%25'];
const names = [
  'start',
  'end',
  'tz',
  'interval',
  'function',
  'limit',
  'cursor',
  'key',
  'id',
  'tag',
  'attr[a]',
  'attr[',
  'ts',
  'direction',
  'rollup.period',
  'rollup.fold',
  'interpolation.period',
  'interpolation.function',
  'aggregation.fold',
  'predicate.function',
  'predicate.period',
  'allow_truncation',
  '__proto__',
  'attr[__proto__]',
];
const values = [
  '2012-01-01',
  '2012-01-02T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '0001-01-01',
  '2012-13-45',
  'UTC',
  'America/Chicago',
  'No/Where',
  '+05:30',
  '1hour',
  'PT1M',
  'P1M',
  'PT0S',
  '-PT1H',
  '99999999999year',
  'raw',
  'mean',
  'avg',
  'percentile,50',
  'percentile,101',
  'linear',
  'zoh',
  'true',
  'false',
  '0',
  '-1',
  '10',
  '1e9',
  '',
  'max',
  'first',
  'nearest',
  'boiler-7',
  'AAAA',
  '%',
  '\u0000',
  'é',
];
const numbers = [
  '1',
  '-0',
  '4.164',
  '1e999',
  '-1e400',
  '9223372036854775807',
  '9223372036854775808',
  '12345678901234567890123',
  '1e-320',
  '"5"',
  'null',
  'true',
  '[]',
  '{}',
  'NaN',
  '0x1',
];
const times = [
  '"2012-03-27T00:00:00"',
  '"2012-03-27T01:30:00.250Z"',
  '"2012-03-26T21:15:00-05:00"',
  '"2012-03-26 21:15"',
  '"x"',
  'null',
  '5',
  '1e300',
  '"0000-01-01"',
  '"2012-02-30"',
  '{}',
];
const types = [
  'application/json',
  'text/plain; charset=ISO-8859-1',
  'text/plain; charset=nonsense',
  'application/x-www-form-urlencoded',
  '',
];

/** Requests that look more or less like TempoDB's, the same for the same seed. */
export function createRandomRequests(seed: number, { key, secret }: { key: string; secret: string }): RandomRequests {
  let state = seed >>> 0;
  const draw = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state ^ (state >>> 16)) >>> 0;
  };
  const below = (count: number) => draw() % count;
  const one = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const many = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make);

  function path(): string {
    const prefix = one(['/v1', '/v1', '/v1', '/v1', '//v1', '/tempodb/v1', '/v2', '', '/%7Bversion%7D']);
    const by = one(['key', 'id']);
    const tail = one([
      '/data',
      '/segment',
      '/increment',
      '/single',
      '/find',
      '/summary',
      '/data/rollups/segment',
      '/data/segment',
      '/data/summary',
      '',
    ]);
    const known = one([
      `/series/${by}/${one(keys)}${tail}`,
      '/series',
      '/multi',
      '/data',
      '/increment',
      '/multi/increment',
      '/segment',
      '/single',
      '/database',
      '/data/segment',
    ]);
    const resource = below(10) === 0 ? many(5, () => `/${one(segments)}`).join('') : known;
    return `${prefix}${resource}${one(['/', '/', ''])}`.replaceAll(' ', '%20') || '/';
  }

  function query(): string {
    const range = below(2) === 0 ? 'start=2012-01-01&end=2013-01-01' : '';
    const others = many(
      5,
      () =>
        `${below(2) === 0 ? encodeURIComponent(one(names)) : one(names)}=${below(4) === 0 ? one(values).replaceAll(/[\0 é]/g, '+') : encodeURIComponent(one(values))}`,
    );
    return [range, ...others].filter((part) => part !== '').join('&');
  }

  function point(): string {
    const fields = [
      `"t":${one(times)}`,
      `"v":${one(numbers)}`,
      `"key":${JSON.stringify(decodeURIComponent(one(keys)))}`,
      `"id":${one(['"f"', 'null', '7'])}`,
      '"__proto__":{"v":1}',
    ];
    return `{${fields.filter(() => below(3) > 0).join(',')}}`;
  }

  function body(): string | Buffer | null {
    const points = `[${many(30, point).join(',')}${one(['', '', ','])}]`;
    const text = one([
      points,
      points,
      `{"t":${one(times)},"data":${points}}`,
      `{"key":${JSON.stringify(one(keys))},"tags":${one(['["a","b"]', '"a"', '[1]', 'null'])},"attributes":${one(['{"a":"b"}', '{"a":""}', '[]', '{"a":1}', '{"__proto__":"x"}'])}}`,
      '',
      points.slice(0, below(points.length + 1)),
      '['.repeat(below(5000)),
      `"${'x'.repeat(below(100_000))}"`,
    ]);
    return below(20) === 0 ? Buffer.from(Array.from({ length: below(300) }, () => below(256))) : text;
  }

  function request(): RandomRequest {
    const method = one(['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'] as const);
    const authorization =
      below(10) === 0
        ? one(['Basic', 'Basic !!!!', `Bearer ${secret}`, `Basic ${btoa(`${key}:wrong`)}`, ''])
        : `Basic ${btoa(`${key}:${secret}`)}`;
    const headers: Record<string, string> = { authorization };
    if (below(3) === 0) headers['content-type'] = one(types);
    if (below(3) === 0) headers['accept-encoding'] = one(['gzip', 'gzip,deflate', 'br', '*', 'gzip;q=0']);
    const search = query();
    const target = `${path()}${search === '' ? one(['', '?']) : `?${search}`}`;
    return { method, path: target, headers, body: method === 'GET' || method === 'HEAD' || below(10) === 0 ? null : body() };
  }

  function bytes(): Uint8Array {
    const { method, path: target, headers, body: content } = request();
    const payload = Buffer.from(content ?? '');
    const lines = Object.entries(headers as Record<string, string>).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = one([
      `content-length: ${payload.length}\r\n`,
      `content-length: ${payload.length + 5}\r\n`,
      'content-length: -1\r\n',
      'transfer-encoding: chunked\r\n',
      '',
    ]);
    const head = `${method} ${target} HTTP/${one(['1.1', '1.0', '2.0', '9'])}\r\nhost: localhost\r\n${lines.join('')}${length}\r\n`;
    const whole = Buffer.concat([Buffer.from(head, 'latin1'), payload]);
    for (let damage = below(4); damage > 0; damage--) whole[below(whole.length)] = below(256);
    return whole.subarray(0, below(3) === 0 ? below(whole.length) : whole.length);
  }

  return Object.assign(request, { bytes });
}
