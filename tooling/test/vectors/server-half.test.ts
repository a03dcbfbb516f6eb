import { expect, test } from 'vitest';
import { parseMessage } from '../../vectors/message.ts';
import { createRawClient } from '../../vectors/raw-client.ts';
import { startRawServer } from '../../vectors/raw-server.ts';
import { createServerRun } from '../../vectors/server-half.ts';
import { type Exchange, parseVectors, type VectorFile } from '../../vectors/vector.ts';
import { authorization, entries, exchange, json, nothingWrong, setup, things } from './things.ts';

const otherIds = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210'];

/** The answers of a server with ids of its own, as bytes. */
const answers = [
  message(
    '200 OK',
    ['Content-Type: application/json; charset=utf-8', 'Date: now'],
    `{"rows":[1.0,2.5,300],"name":"one","id":"${otherIds[0]}"}`,
  ),
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${chunk(`{"id":"${otherIds[1]}",`)}${chunk('"name":"two","rows":[]}')}0\r\n\r\n`,
  message('200 OK', [], ''),
  message('200 OK', ['Content-Type: application/json', 'Link: </things?cursor=x>; rel="next"'], `["${otherIds[0]}"]`),
  message('200 OK', ['Content-Type: application/json', 'X-Further: header'], `["${otherIds[1]}"]`),
  message('400 Bad Request', ['Content-Type: text/plain'], 'another text'),
  message('404 Not Found', [], ''),
];

function message(status: string, headers: string[], body: string): string {
  return [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

function bufferOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}

/** What is wrong with each vector when a server answers with these bytes; and what it was asked. */
async function serve(file: VectorFile, bytes: readonly string[]) {
  const server = await startRawServer((_, index) => bufferOf(bytes[index]));
  const run = createServerRun(file, async () => server);
  const problems: Record<string, string> = {};
  for (const each of file.exchanges) problems[each.id] = await run.check(each);
  await run.close();
  return { problems, requests: server.requests };
}

test('answers as the document has them pass, whatever the ids, the order of members, the spelling of numbers and the framing', async () => {
  const { problems } = await serve(things, answers);
  expect(problems).toEqual(nothingWrong);
});

test('ids and links that the server made are sent back as it made them', async () => {
  const { requests } = await serve(things, answers);
  expect(requests[2]!.startLine).toBe(`PUT /things/${otherIds[0]} HTTP/1.1`);
  expect(requests[2]!.body.toString()).toBe(`{"twin":"${otherIds[1]}"}`);
  expect(requests[4]!.startLine).toBe('GET /things?cursor=x HTTP/1.1');
});

test('requests leave as the bytes of the document, with the length that it leaves out', async () => {
  const { requests } = await serve(things, answers);
  expect(requests[0]!.startLine).toBe('POST /things HTTP/1.1');
  expect(requests[0]!.headers).toEqual([['Host', 'things.test'], authorization, ['Content-Length', '14']]);
  expect(requests[3]!.headers).toEqual([['Host', 'things.test'], authorization]);
});

test.each<[what: string, id: string, at: number, from: string | RegExp, to: string, told: string]>([
  ['a wrong status', 'V1', 0, '200', '201', 'status line'],
  ['a wrong reason phrase', 'V1', 0, '200 OK', '200 Fine', 'status line'],
  ['another HTTP version', 'V1', 0, 'HTTP/1.1', 'HTTP/1.0', 'status line'],
  ['a missing header', 'V4', 3, /Link.*\r\n/, '', 'header Link'],
  ['another relation of a link', 'V4', 3, 'next', 'last', 'header Link'],
  ['another media type', 'V4', 3, 'application/json', 'text/json', 'header Content-Type'],
  ['a Content-Type on an empty answer', 'V3', 2, '\r\n', '\r\nContent-Type: text/plain\r\n', 'header Content-Type'],
  ['an empty answer in chunks', 'V3', 2, 'Content-Length: 0\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'framing'],
  [
    'a compressed answer to a request that takes none',
    'V5',
    4,
    'Content-Length',
    'Content-Encoding: gzip\r\nContent-Length',
    'incorrect header check',
  ],
  ['a body where none belongs', 'V3', 2, 'Content-Length: 0\r\n\r\n', 'Content-Length: 2\r\n\r\nhi', 'body'],
  ['a number beyond the tolerance', 'V1', 0, '300]', '300.000000001]', 'body.rows[2]'],
  ['an array in another order', 'V1', 0, '1.0,2.5', '2.5,1.0', 'body.rows[0]'],
  ['an array that is too long', 'V1', 0, '300]', '300,4]', 'body.rows'],
  ['a member too many', 'V1', 0, '"rows"', '"more":1,"rows"', 'body.more'],
  ['a missing member', 'V1', 0, '"name":"one",', '', 'body.name'],
  ['a number as a text', 'V1', 0, '2.5', '"2.5"', 'body.rows[1]'],
  ['another text', 'V1', 0, '"one"', '"oné"', 'body.name'],
  ['JSON that is none', 'V1', 0, '{', '[', 'body'],
  ['an id of another shape', 'V1', 0, otherIds[0]!, otherIds[0]!.toUpperCase(), 'body.id'],
  ['one id for two things', 'V2', 1, otherIds[1]!, otherIds[0]!, 'body.id'],
  ['an id that changes', 'V5', 4, otherIds[1]!, otherIds[0]!, 'body[0]'],
  ['bytes behind the answer', 'V1', 0, /$/, 'x', 'behind the answer comes "x"'],
  ['two lengths', 'V1', 0, '\r\n', '\r\nContent-Length: 5\r\n', 'two Content-Length'],
  ['a length and chunks', 'V1', 0, '\r\n', '\r\nTransfer-Encoding: chunked\r\n', 'Content-Length and Transfer-Encoding'],
])('%s is noticed', async (_what, id, at, from, to, told) => {
  const length = (text: string) =>
    text.replace(
      /(Content-Length: )[1-9]\d*(\r\n.*?\r\n\r\n|\r\n\r\n)(.*)$/s,
      (_, name, head, body) => `${name}${Buffer.byteLength(body)}${head}${body}`,
    );
  const spoilt = answers[at]!.replace(from, to);
  expect(spoilt).not.toBe(answers[at]);
  const keepsLength = /^(x|\r\nContent-Length)/.test(to) || to.startsWith('Content-Encoding');
  const { problems } = await serve(things, answers.with(at, keepsLength ? spoilt : length(spoilt)));
  expect(problems[id]).toContain(told);
  const beforeIt = things.exchanges.slice(0, at).map((each) => problems[each.id]);
  expect(beforeIt).toEqual(beforeIt.map(() => ''));
});

test('a server that hangs up fails the vector, and the next one goes over a new connection', async () => {
  const { problems } = await serve(things, answers.slice(0, 5));
  expect(problems).toMatchObject({
    V5: '',
    V6: expect.stringContaining('the connection ended'),
    V7: expect.stringContaining('the connection ended'),
  });
});

test('a server that does not end its answer fails the vector after a while', async () => {
  const server = await startRawServer(() => Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort'));
  const client = createRawClient(server.url, 20);
  await expect(client.exchange(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).rejects.toThrow('short" nothing more came for 20 ms');
  await server.close();
});

test('a server that says it closes has to close', async () => {
  const server = await startRawServer(() => Buffer.from('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'));
  const client = createRawClient(server.url, 20);
  await expect(client.exchange(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).rejects.toThrow('nothing more came');
  await server.close();
});

test('a vector alone is run after those before it, each once', async () => {
  const server = await startRawServer((_, index) => bufferOf(answers[index]));
  const run = createServerRun(things, async () => server);
  expect(await run.check(things.exchanges[4]!)).toBe('');
  expect(await run.check(things.exchanges[1]!)).toBe('');
  await run.close();
  expect(server.requests).toHaveLength(5);
});

test('the clock of the server shows what the setup says, and from a step on what that says', async () => {
  const [first, second, third] = things.exchanges;
  const later = second!.steps.map((step) => ({ ...step, clockMs: setup.clockMs + 5 }));
  const file = { ...things, exchanges: [first!, { ...second!, steps: later }, third!] };
  const shown: number[] = [];
  let now = () => Number.NaN;
  const server = await startRawServer((_, index) => {
    shown.push(now());
    return bufferOf(answers[index]);
  });
  const run = createServerRun(file, async (_, clock) => {
    now = clock.now;
    return server;
  });
  expect(await run.check(file.exchanges[2]!)).toBe('');
  await run.close();
  expect(shown).toEqual([setup.clockMs, setup.clockMs + 5, setup.clockMs + 5]);
});

test('a file with fresh worlds opens one for each vector, with the vectors that have to run before', async () => {
  const { problems, requests, worlds } = await serveFresh({ ...things.exchanges[2]!, beforeState: { runs: ['V1', 'V2'] } });
  expect(problems).toEqual(['', '', '']);
  expect(worlds).toBe(3);
  expect(requests).toEqual(['POST', 'POST', 'POST', 'POST', 'PUT']);
});

async function serveFresh(third: Exchange) {
  const file: VectorFile = { ...things, setup: { ...things.setup, state: 'fresh' }, exchanges: [...things.exchanges.slice(0, 2), third] };
  const scripts = [[0], [1], [0, 1, 2]];
  const servers: Awaited<ReturnType<typeof startRawServer>>[] = [];
  const run = createServerRun(file, async () => {
    const script = scripts[servers.length]!;
    const server = await startRawServer((_, index) => bufferOf(answers[script[index]!]));
    servers.push(server);
    return server;
  });
  const problems: string[] = [];
  for (const each of file.exchanges) problems.push(await run.check(each));
  await run.close();
  const requests = servers.flatMap((server) => server.requests.map(({ startLine }) => startLine.split(' ')[0]));
  return { problems, requests, worlds: servers.length };
}

test('placeholders bind, subsets may have more, and free members and parts of pages are left alone', async () => {
  const file = parseVectors(
    'open',
    JSON.stringify([
      { ...setup, bodyMatch: 'subset', freeMembers: ['message'] },
      exchange('V1', ['GET', '/token'], [200, 'OK', [json], '{"url":"/jobs/«job»","message":"free"}']),
      exchange('V2', ['GET', '/jobs/«job»'], [200, 'OK', [json], '{"id":"«job»"}']),
      exchange('V3', ['GET', '/page'], [200, 'OK', [['Content-Type', 'text/html']], null]),
    ]),
  );
  Object.assign(file.exchanges[2]!.steps[0]!.response, { patterns: ['<h1>.</h1>', 'end'] });
  const type = ['Content-Type: application/json'];
  const good = [
    message('200 OK', type, '{"url":"/jobs/j-1","message":"another","more":true}'),
    message('200 OK', type, '{"id":"j-1"}'),
    message('200 OK', ['Content-Type: text/html'], 'top <h1>x</h1> middle end'),
  ];
  const { problems, requests } = await serve(file, good);
  expect(problems).toEqual({ V1: '', V2: '', V3: '' });
  expect(requests[1]!.startLine).toBe('GET /jobs/j-1 HTTP/1.1');
  expect((await serve(file, good.with(1, message('200 OK', type, '{"id":"j-2"}')))).problems.V2).toContain('body.id');
  expect((await serve(file, good.with(2, message('200 OK', ['Content-Type: text/html'], 'end <h1>x</h1>')))).problems.V3).toContain('end');
});

test('what nothing can run is refused, not left out', () => {
  const file = (entry: object) => () => parseVectors('odd', JSON.stringify([setup, entry]));
  expect(file({ id: 'W1', kind: 'websocket', frames: [] })).toThrow('odd: nothing runs W1');
  expect(file({ ...entries[0], afterState: {} })).toThrow('tells what is stored');
  expect(() => parseVectors('odd', JSON.stringify(entries))).toThrow('not the setup');
});

test('a message is read the same however its bytes are cut', () => {
  const bytes = Buffer.from(answers[1]!);
  for (let at = 0; at < bytes.length; at++) expect(parseMessage(bytes.subarray(0, at), { kind: 'response', ended: false })).toBeUndefined();
  const { message: whole, rest } = parseMessage(Buffer.concat([bytes, Buffer.from('more')]), { kind: 'response', ended: false })!;
  expect(whole.framing).toBe('chunked');
  expect(JSON.parse(whole.body.toString())).toMatchObject({ name: 'two' });
  expect(rest.toString()).toBe('more');
});
