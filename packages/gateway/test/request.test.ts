import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { type Received, receive } from '../src/request.ts';

function received(method = 'POST', body = '{"a":1}', headers: HeadersInit = {}): Received {
  return receive({ method } as IncomingMessage, new Headers(headers), 'http://h/a/../b?c#d', Buffer.from(body));
}

test('a request answers like one of the runtime', async () => {
  const { request } = received('PUT', '{"a":1}', { 'content-type': 'text/plain' });
  const real = new Request('http://h/a/../b?c#d', { method: 'PUT', body: '{"a":1}', headers: { 'content-type': 'text/plain' } });
  expect(request).toBeInstanceOf(Request);
  for (const name of ['method', 'bodyUsed', 'cache', 'credentials', 'mode', 'redirect'] as const) expect(request[name]).toBe(real[name]);
  expect(request.url).toBe('http://h/b?c#d');
  expect([...request.headers]).toEqual([...real.headers]);
  expect(request.signal.aborted).toBe(false);
});

test.each([
  ['text', '{"a":1}'],
  ['json', { a: 1 }],
  ['bytes', new Uint8Array(Buffer.from('{"a":1}'))],
  ['arrayBuffer', new Uint8Array(Buffer.from('{"a":1}')).buffer],
] as const)('its body is there once, as %s', async (form, expected) => {
  const { request } = received();
  expect(await request[form]()).toEqual(expected);
  expect(request.bodyUsed).toBe(true);
  await expect(request.text()).rejects.toThrow(TypeError);
  expect(() => request.clone()).toThrow(TypeError);
});

test('what only a real request can do, one does: forms, blobs, streams, copies', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect([...(await received('POST', 'a=1&b=2', form).request.formData())]).toEqual([
    ['a', '1'],
    ['b', '2'],
  ]);
  expect((await received().request.blob()).size).toBe(7);
  const { request } = received();
  const copy = request.clone();
  expect(await new Response(request.body).text()).toBe('{"a":1}');
  expect(request.bodyUsed).toBe(true);
  await expect(request.text()).rejects.toThrow(TypeError);
  expect(await copy.json()).toEqual({ a: 1 });
});

test('a byte order mark is no part of the text, and bytes that are no UTF-8 do no harm', async () => {
  expect(await received('POST', '\uFEFFabc').request.text()).toBe('abc');
  const broken = receive({ method: 'POST' } as IncomingMessage, new Headers(), 'http://h/', Buffer.from([0x61, 0xff]));
  expect(await broken.request.text()).toBe('a\uFFFD');
});

test('a GET has no body, whatever came with it', async () => {
  const { request } = received('GET');
  expect(request.body).toBe(null);
  expect([await request.text(), await request.text()]).toEqual(['', '']);
});

test('a request that nobody waits for any more says so, whenever it is asked', () => {
  const early = received();
  const { signal } = early.request;
  early.abandon();
  const late = received();
  late.abandon();
  expect([signal.aborted, late.request.signal.aborted, late.request.clone().signal.aborted]).toEqual([true, true, true]);
});
