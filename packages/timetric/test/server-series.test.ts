import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alice, bob, makeSeries, type Service, startService } from './server-fixture.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const csvType = { 'content-type': 'text/csv' };

async function csvOf(id: string, resource = 'csv/'): Promise<string> {
  const { status, text } = await service.askBasic('GET', `/series/${id}/${resource}`);
  return status === 200 ? text : `${status} ${text}`;
}

function post(id: string, fields: Record<string, string>) {
  return service.askBasic('POST', `/series/${id}/`, { body: new URLSearchParams(fields) });
}

describe('creation', () => {
  test('answers a redirect with the final slash, and makes a series with an id of 22 characters', async () => {
    const { status, headers, text } = await service.askSigned('POST', '/create/', { secure: true, form: { title: 't', caption: 'c' } });
    expect([status, text]).toEqual([302, '']);
    expect(headers.get('location')).toMatch(/^https:\/\/timetric\.com\/series\/[\w-]{21}[AQgw]\/$/);
    expect(headers.get('content-type')).toBe(null);
  });

  test('answers whom a redirect would not reach with 201 and the id', async () => {
    const options = { headers: { accept: 'application/json' }, form: { title: 't', caption: 'c' } };
    const { status, headers, text } = await service.askSigned('POST', '/create/', options);
    expect([status, headers.get('location')]).toEqual([201, `http://timetric.com/series/${JSON.parse(text).name}/`]);
  });

  test.each([
    ['title=t&caption=c', '302'],
    ['title=t', 'A series needs a caption.'],
    ['caption=c', 'A series needs a title.'],
    ['title=+&caption=c', 'A series needs a title.'],
    ['title=t&caption=c&public=maybe', 'Cannot read public "maybe": it is true or false.'],
    ['title=t&caption=c&formula=a%2Bb', 'Calculated series are not supported.'],
  ])('of %s gives %s', async (parameters, expected) => {
    const { status, text } = await service.askBasic('POST', `/create/?${parameters}`);
    expect(status === 302 ? String(status) : text).toBe(expected);
  });

  test('with a bad row makes nothing', async () => {
    const answer = await service.askBasic('POST', '/create/?title=t&caption=c', { headers: csvType, body: '1,2\nx,3\n' });
    expect([answer.status, answer.text]).toEqual([400, 'Line 2: cannot read timestamp "x".']);
    expect(await service.store.series().toArray()).toEqual([]);
  });

  test('keeps what it is told: tags, attributes, and a caption that says more than the title', async () => {
    const id = await makeSeries(service, undefined, 'title=pump&caption=in+the+cellar&tags=a;b,c&latitude=52.5&site=north');
    expect(await service.store.series().toArray()).toEqual([
      { key: id, name: 'pump', attributes: { caption: 'in the cellar', latitude: '52.5', site: 'north' }, tags: ['a', 'b', 'c'] },
    ]);
    await makeSeries(service, undefined, 'title=pump&caption=pump');
    expect(await service.store.series({ attributes: { caption: 'pump' } }).toArray()).toEqual([]);
  });

  test('takes the parts of a multipart body, signed with them or without', async () => {
    const body = () => {
      const form = new FormData();
      form.append('title', 't');
      form.append('caption', 'c d');
      form.append('csv', new Blob(['1,2\r\n3,4\r\n\r\n']), 'csv');
      return form;
    };
    const { ask, sign, headerOf } = service;
    for (const form of [{}, { title: 't', caption: 'c d' }]) {
      const authorization = headerOf(sign('POST', 'http://timetric.com/create/', { form }));
      const { status, headers } = await ask('POST', '/create/', { headers: { authorization }, body: body() });
      expect(status).toBe(302);
      expect(await csvOf(headers.get('location')!.split('/').at(-2)!)).toBe('1.0,2.0\n3.0,4.0\n');
    }
    const authorization = headerOf(sign('POST', 'http://timetric.com/create/', { form: { title: 'other', caption: 'c d' } }));
    expect((await ask('POST', '/create/', { headers: { authorization }, body: body() })).status).toBe(401);
  });

  test('of a key that is there already answers that series (extension)', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => makeSeries(service, '1,2\n', 'anyseries_key=pump%2F3')));
    expect(new Set(ids).size).toBe(1);
    expect(await service.store.series().toArray()).toMatchObject([{ key: 'pump/3', attributes: {} }]);
    expect(await csvOf(ids[0]!)).toBe('1.0,2.0\n');
  });

  test.each(['', 'x'.repeat(1025)])('of a key that is none is refused', async (key) => {
    const { status, text } = await service.askBasic('POST', `/create/?anyseries_key=${key}`);
    expect([status, text.slice(0, 14)]).toEqual([400, 'anyseries_key:']);
  });
});

describe('a value', () => {
  test('has the time of its arrival, and in quick succession a time of its own', async () => {
    const id = await makeSeries(service);
    service.clock.time += 0.25;
    for (const value of ['1', '2', '3']) expect((await post(id, { value })).status).toBe(204);
    service.clock.time -= 5000;
    await post(id, { value: '4' });
    expect(await csvOf(id)).toBe('1244721053.00025,1.0\n1244721053.000251,2.0\n1244721053.000252,3.0\n1244721053.000253,4.0\n');
  });

  test('of those that come at once none is lost', async () => {
    const id = await makeSeries(service);
    await Promise.all(Array.from({ length: 20 }, (_, i) => post(id, { value: String(i) })));
    expect((await csvOf(id)).trimEnd().split('\n')).toHaveLength(20);
  });

  test.each([
    ['14.5', '14.5'],
    ['-2', '-2.0'],
    ['+1e3', '1000.0'],
    ['True', 'true'],
    ['FALSE', 'false'],
    ['None', 'null'],
    ['', 'null'],
    [' 7 ', '7.0'],
    ['.5', '0.5'],
    ['1e-7', '1e-7'],
  ])('%j is %s', async (value, shown) => {
    const id = await makeSeries(service);
    expect((await post(id, { value })).status).toBe(204);
    expect(await csvOf(id)).toBe(`1244721053.0,${shown}\n`);
    expect((await service.askBasic('GET', `/series/${id}/value/json/`)).text).toBe(`{"timestamp": 1244721053.0, "value": ${shown}}`);
  });

  test.each(['0x10', 'nan', 'inf', '-Infinity', '1e999', 'yes', '1 2', '1,2'])('%j is refused', async (value) => {
    const id = await makeSeries(service);
    const { status, text } = await post(id, { value });
    expect([status, text]).toEqual([400, `Cannot read value ${JSON.stringify(value)}.`]);
    expect(await csvOf(id)).toBe('');
  });

  test('beside a time is refused, so that nothing is stored at a wrong one', async () => {
    const id = await makeSeries(service);
    expect((await post(id, { value: '1', timestamp: '1236735000' })).status).toBe(400);
  });

  test('in the query and in the body is one, and the body wins', async () => {
    const id = await makeSeries(service);
    await service.askBasic('POST', `/series/${id}/?value=1`, { body: new URLSearchParams({ value: '2' }) });
    expect(await csvOf(id)).toBe('1244721053.0,2.0\n');
  });
});

describe('an increment', () => {
  test.each([
    ['of an empty series begins at 0', '', '5', '1244721053.0,5.0\n'],
    ['adds to the newest value', '1,2\n3,4\n', '-2.5', '1.0,2.0\n3.0,4.0\n1244721053.0,1.5\n'],
    ['of nothing begins at 0', '1,2\n3,\n', '1', '1.0,2.0\n3.0,null\n1244721053.0,1.0\n'],
    ['in the future adds up there', '2000000000,2\n', '1', '2000000000.0,3.0\n'],
  ])('%s', async (_, before, increment, after) => {
    const id = await makeSeries(service, before);
    expect((await post(id, { increment })).status).toBe(204);
    expect(await csvOf(id)).toBe(after);
  });

  test('of true and false is refused', async () => {
    const id = await makeSeries(service, '1,true\n');
    expect((await post(id, { increment: '1' })).status).toBe(400);
  });

  test.each(['true', '', 'x', '1e999'])('by %j is refused', async (increment) => {
    const id = await makeSeries(service, '1,2\n');
    expect((await post(id, { increment })).status).toBe(400);
  });

  test('of many at once none is lost, over one server or two', async () => {
    const id = await makeSeries(service, '1,0\n');
    const other = await startService({ store: service.store, vault: service.vault, isUsed: true });
    const asks = Array.from({ length: 30 }, (_, i) =>
      (i % 2 === 0 ? service : other).askBasic('POST', `/series/${id}/`, { body: new URLSearchParams({ increment: '1' }) }),
    );
    expect(new Set((await Promise.all(asks)).map(({ status }) => status))).toEqual(new Set([204]));
    expect((await service.askBasic('GET', `/series/${id}/value/json/`)).text).toContain('"value": 30.0');
  });
});

describe('rows', () => {
  test('replace those of the same times, the later row the earlier one; all others stay', async () => {
    const id = await makeSeries(service, '1,1\n2,2\n3,3\n');
    const answer = await service.askBasic('POST', `/series/${id}/`, { headers: csvType, body: '3,30\n0,0\n3,33\n2,\n' });
    expect(answer.status).toBe(204);
    expect(await csvOf(id)).toBe('0.0,0.0\n1.0,1.0\n2.0,null\n3.0,33.0\n');
  });

  test('with a value and without one take turns at the same time', async () => {
    const id = await makeSeries(service);
    for (const [body, shown] of [
      ['1,1\n1,\n', 'null'],
      ['1,\n1,2\n', '2.0'],
      ['1,\n', 'null'],
      ['1,true\n', 'true'],
      ['1,\n1,3\n1,\n', 'null'],
    ] as const) {
      await service.askBasic('POST', `/series/${id}/`, { headers: csvType, body });
      expect(await csvOf(id)).toBe(`1.0,${shown}\n`);
    }
  });

  test('are stored all or none', async () => {
    const id = await makeSeries(service, '1,1\n');
    const answer = await service.askBasic('POST', `/series/${id}/`, { headers: csvType, body: '2,2\n3,x\n' });
    expect([answer.status, answer.text]).toEqual([400, 'Line 2: cannot read value "x".']);
    expect(await csvOf(id)).toBe('1.0,1.0\n');
  });

  test('come as a file part; a plain text field of the name is no data', async () => {
    const id = await makeSeries(service);
    const file = new FormData();
    file.append('csv', new Blob(['1,2']), 'data.csv');
    expect((await service.askBasic('POST', `/series/${id}/`, { body: file })).status).toBe(204);
    expect((await post(id, { csv: '3,4' })).status).toBe(400);
    const text = new FormData();
    text.append('csv', '3,4');
    expect((await service.askBasic('POST', `/series/${id}/`, { body: text })).status).toBe(400);
    expect(await csvOf(id)).toBe('1.0,2.0\n');
  });

  test.each([[{}], [{ value: '1', increment: '2' }], [{ other: '1' }]])('%j is neither one nor the other', async (fields) => {
    const id = await makeSeries(service);
    const { status, text } = await post(id, fields as Record<string, string>);
    expect([status, text]).toEqual([400, 'Give one of value, increment and a file csv.']);
  });

  test('a multipart body that cannot be read is refused', async () => {
    const id = await makeSeries(service);
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    expect((await service.askBasic('POST', `/series/${id}/`, { headers, body: '--x\r\nnothing' })).status).toBe(400);
  });

  test('a rewrite replaces everything, nulls too; an empty one empties the series', async () => {
    const id = await makeSeries(service, '1,1\n2,\n');
    const put = (body: string, headers: Record<string, string> = csvType) => service.askBasic('PUT', `/series/${id}/`, { headers, body });
    expect((await put('5,5\n')).status).toBe(204);
    expect(await csvOf(id)).toBe('5.0,5.0\n');
    expect((await put('x,1\n')).status).toBe(400);
    expect(await csvOf(id)).toBe('5.0,5.0\n');
    expect((await put('6,6\n', { 'content-type': 'application/octet-stream' })).status).toBe(204);
    expect((await put('')).status).toBe(204);
    expect(await csvOf(id)).toBe('');
    expect((await service.askBasic('GET', `/series/${id}/value/json/`)).text).toBe('{"timestamp": null, "value": null}');
  });

  test('a rewrite of what somebody else has changed is refused, where it says what it has read (extension)', async () => {
    const id = await makeSeries(service, '1,1\n');
    const tag = (await service.askBasic('GET', `/series/${id}/csv/`)).headers.get('etag')!;
    const put = (body: string) => service.askBasic('PUT', `/series/${id}/`, { headers: { ...csvType, 'if-match': tag }, body });
    await service.store.write([{ series: id, time: 2000, value: 2 }]);
    expect((await put('9,9\n')).status).toBe(412);
    await service.store.delete({ series: id, start: 2000, end: 2000 });
    expect((await put('9,9\n')).status).toBe(204);
    expect((await put('8,8\n')).status).toBe(412);
    expect(await csvOf(id)).toBe('9.0,9.0\n');
  });

  test('many nulls are kept, whatever their times', async () => {
    const id = await makeSeries(service);
    const times = Array.from({ length: 3000 }, (_, i) => (i - 1500) * 1e6 + i / 4);
    await service.askBasic('PUT', `/series/${id}/`, { headers: csvType, body: times.map((time) => `${time},\n`).join('') });
    const shown = (await csvOf(id)).trimEnd().split('\n');
    expect(shown.map((row) => Number(row.split(',')[0]))).toEqual(times);
    expect(new Set(shown.map((row) => row.split(',')[1]))).toEqual(new Set(['null']));
  });
});

describe('reading', () => {
  test('shows points of other protocols as far as there is a type for them, and counts the others', async () => {
    const id = await makeSeries(service, '1,1\n');
    await service.store.write([
      { series: id, time: 2000.5, value: 'text' },
      { series: id, time: 3000.001, value: 2n ** 60n + 1n },
      { series: id, time: 4000.25, value: true },
    ]);
    const { headers, text } = await service.askBasic('GET', `/series/${id}/csv/`);
    expect([text, headers.get('anyseries-omitted')]).toEqual(['1.0,1.0\n4.00025,true\n', '2']);
    await service.store.write([{ series: id, time: 9000, value: 'newest' }]);
    expect((await service.askBasic('GET', `/series/${id}/value/json/`)).text).toBe('{"timestamp": 4.00025, "value": true}');
  });

  test('the three names of the CSV, with and without their slashes', async () => {
    const id = await makeSeries(service, '0.5,1\n');
    for (const resource of ['csv/', 'csv', 'csv/unix.csv', 'csv/unix.csv/']) expect(await csvOf(id, resource)).toBe('0.5,1.0\n');
    for (const resource of ['csv/iso.csv', 'csv/iso.csv/']) expect(await csvOf(id, resource)).toBe('1970-01-01T00:00:00.5Z,1.0\n');
    expect((await service.askBasic('GET', `/series/${id}/value/json`)).status).toBe(200);
    expect((await service.askBasic('GET', `/series/${id}/json/`)).status).toBe(404);
  });

  test('pages of other origins may read, and ask first', async () => {
    const id = await makeSeries(service, '1,1\n');
    const { headers } = await service.askBasic('GET', `/series/${id}/csv/`);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    const preflight = await service.ask('OPTIONS', `/series/${id}/csv/`);
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'Authorization, Content-Type, If-Match',
    ]);
  });

  test('HEAD is GET, and is signed as what it is', async () => {
    const id = await makeSeries(service, '1,1\n');
    expect((await service.askSigned('HEAD', `/series/${id}/csv/`)).status).toBe(200);
  });
});

describe('a deleted series', () => {
  test('is gone with all that was below it, and its id is not given to another', async () => {
    const id = await makeSeries(service, '1,1\n2,\n');
    expect((await service.askBasic('DELETE', `/series/${id}/`)).status).toBe(204);
    for (const [method, rest] of [
      ['GET', 'csv/'],
      ['GET', 'value/json/'],
      ['GET', ''],
      ['POST', '?value=1'],
      ['PUT', ''],
      ['DELETE', ''],
    ] as const)
      expect(await service.askBasic(method, `/series/${id}/${rest}`)).toMatchObject({ status: 404, text: 'No such series.' });
    expect(await service.store.series().toArray()).toEqual([]);
  });

  test('is not brought back by a write that was under way', async () => {
    const id = await makeSeries(service, '1,1\n');
    await Promise.all([service.askBasic('DELETE', `/series/${id}/`), ...Array.from({ length: 10 }, () => post(id, { value: '1' }))]);
    expect((await service.askBasic('GET', `/series/${id}/csv/`)).status).toBe(404);
    expect(await service.store.series().toArray()).toEqual([]);
  });

  test('of another protocol is gone here as well', async () => {
    const id = await makeSeries(service, '1,1\n');
    await service.store.delete({ series: id });
    expect((await service.askBasic('GET', `/series/${id}/csv/`)).status).toBe(404);
  });
});

describe('metadata (extension)', () => {
  test('is replaced', async () => {
    const id = await makeSeries(service, undefined, 'anyseries_key=pump&title=Old&site=north');
    const body = JSON.stringify({ title: 'New', tags: ['b', 'a'], attributes: { rack: '1' } });
    expect((await service.askBasic('PUT', `/series/${id}/metadata/`, { body })).status).toBe(204);
    expect(await service.store.series().toArray()).toEqual([{ key: 'pump', name: 'New', attributes: { rack: '1' }, tags: ['a', 'b'] }]);
  });

  test.each(['', '[]', '{"title":1}', '{"tags":"x"}', '{"other":1}', '{"attributes":{"a":"\\u0000"}}', '{"tags":["\\ud800"]}'])(
    '%s is refused',
    async (body) => {
      const id = await makeSeries(service);
      expect((await service.askBasic('PUT', `/series/${id}/metadata/`, { body })).status).toBe(400);
      expect(service.failures).toEqual([]);
    },
  );
});

test('what cannot be done somewhere is told with what can', async () => {
  const id = await makeSeries(service);
  for (const [method, path, allow] of [
    ['GET', '/create/', 'POST, OPTIONS'],
    ['PATCH', `/series/${id}/`, 'GET, HEAD, POST, PUT, DELETE, OPTIONS'],
    ['POST', `/series/${id}/csv/`, 'GET, HEAD, OPTIONS'],
  ] as const) {
    const { status, headers } = await service.askBasic(method, path);
    expect([status, headers.get('allow')]).toEqual([405, allow]);
  }
});

test('an unknown path is told after the credentials', async () => {
  expect((await service.askBasic('GET', '/nothing/')).status).toBe(404);
  expect((await service.askBasic('GET', '/nothing/', { as: { key: 'x', secret: 'y' } })).status).toBe(401);
});

describe('search', () => {
  async function found(query: string, options: Parameters<Service['askBasic']>[2] = {}) {
    const { status, text } = await service.askBasic('GET', query, options);
    return status === 200 ? JSON.parse(text).results.map(({ title }: { title: string }) => title) : `${status} ${text}`;
  }

  beforeEach(async () => {
    for (const [parameters, as] of [
      ['title=Pump+one&caption=cellar&tags=public data;wet', alice],
      ['title=Pump+two&caption=roof&tags=wet&description=the+Old+one', alice],
      ['title=Secret&caption=pump', bob],
      ['title=Open&caption=pump&public=true', bob],
    ] as const) {
      await makeSeries(service, undefined, parameters, as);
      service.clock.time += 1000;
    }
  });

  test("finds words anywhere, one's own and public series only", async () => {
    expect(await found('/search/results.thin.json')).toEqual(['Pump one', 'Pump two', 'Open']);
    expect(await found('/search/results.thin.json?q=PUMP+one')).toEqual(['Pump one', 'Pump two']);
    expect(await found('/search/results.thin.json?q=pump;u=bob')).toEqual(['Open']);
    expect(await found('/search/results.thin.json?u=me')).toEqual(['Pump one', 'Pump two']);
    expect(await found('/search/results.thin.json', { as: bob })).toEqual(['Secret', 'Open']);
    const anonymous = await service.ask('GET', '/search/results.thin.json');
    expect(JSON.parse(anonymous.text).results).toMatchObject([{ title: 'Open' }]);
  });

  test('by tags, each encoded twice in the path, in any order', async () => {
    expect(await found('/tags/wet/results.thin.json')).toEqual(['Pump one', 'Pump two']);
    expect(await found('/tags/wet;public%2520data/results.thin.json')).toEqual(['Pump one']);
    expect(await found('/tag/public%20data;wet/results.thin.json')).toEqual(['Pump one']);
    expect(await found('/tags/dry/results.thin.json')).toEqual([]);
  });

  test('in pages', async () => {
    expect(await found('/search/results.thin.json?n=2')).toEqual(['Pump one', 'Pump two']);
    expect(await found('/search/results.thin.json?n=2&p=2')).toEqual(['Open']);
    expect(await found('/search/results.thin.json?n=2;p=9')).toEqual([]);
    for (const query of ['n=0', 'p=-1', 'n=x', 'p=1.5'])
      expect(await found(`/search/results.thin.json?${query}`)).toMatch(/^400 Cannot read [np]/);
  });

  test('in an unknown format is refused', async () => {
    expect(await found('/search/results.xml')).toBe('400 Unknown format "xml".');
  });

  test('as a feed, well formed whatever the texts', async () => {
    await makeSeries(service, '1244721000,1\n', 'title=%3Cb%3E%26+%22x%22%07&caption=c');
    const { headers, text } = await service.askBasic('GET', '/search/results.atom?q=%3Cb%3E&n=5');
    expect(headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
    expect(text).toContain('<title>Timetric Search: &lt;b&gt;</title>');
    expect(text).toContain('<title>&lt;b&gt;&amp; &quot;x&quot; </title>');
    expect(text).toContain('<opensearch:totalResults>1</opensearch:totalResults>');
    expect(text).toContain('<updated>2009-06-11T11:50:57.000Z</updated>');
  });

  test('a series of another protocol gets an id when it is first listed, and keeps it', async () => {
    await service.store.write([{ series: 'born{in="another"}', time: 1000, value: 1 }]);
    const list = async (as = alice) => JSON.parse((await service.askBasic('GET', '/search/results.full.json?u=me', { as })).text).results;
    const born = (await list()).find(({ key }: { key: string }) => key === 'born{in="another"}');
    expect(born).toMatchObject({ title: 'born{in="another"}', attributes: {}, tags: [] });
    expect((await list(bob)).find(({ key }: { key: string }) => key === born.key).name).toBe(born.name);
    expect(await csvOf(born.name)).toBe('1.0,1.0\n');
    const one = JSON.parse((await service.askBasic('GET', `/search/results.full.json?anyseries_key=${encodeURIComponent(born.key)}`)).text);
    expect(one.results).toEqual([born]);
  });
});

test('what goes wrong inside is an answer that says nothing of it, and is told to the operator', async () => {
  const id = await makeSeries(service);
  await service.store.close();
  const { status, text } = await service.askBasic('GET', `/series/${id}/csv/`);
  expect([status, text]).toEqual([503, 'The server is busy; try again later.']);
  expect(service.failures).toHaveLength(1);
});

test('below a prefix everything is as without one, and addresses in answers begin with it', async () => {
  const { status, headers } = await service.askSigned('POST', '/create/', { prefix: '/timetric', form: { title: 't', caption: 'c' } });
  expect(status).toBe(302);
  expect(headers.get('location')).toMatch(/^http:\/\/timetric\.com\/timetric\/series\//);
  const target = new URL(headers.get('location')!).pathname.slice('/timetric'.length);
  expect((await service.askSigned('GET', `${target}csv/`, { prefix: '/timetric' })).status).toBe(200);
});
