import { parseVectors } from '../../vectors/vector.ts';

// A service of two resources, as a protocol document would have it: things get ids from the server, and come in pages.
export const setup = {
  id: 'setup',
  kind: 'setup',
  text: 'Ids are made by the server. Numbers compare with a relative tolerance 1e-12.',
  state: 'sequence',
  clockMs: 1_700_000_000_000,
  credentials: { basic: [{ user: 'ada', password: 'pw' }] },
  bodyMatch: 'full',
  freeBodies: [400],
};
export const authorization = ['Authorization', 'Basic YWRhOnB3'];
const ids = ['6b2f0c7d9a1e4f53b8c2d4e6f8a0b1c3', '77665544332241100ffeeddccbbaa998'];
export const json = ['Content-Type', 'application/json'];

export const entries = [
  exchange('V1', ['POST', '/things', '{"name":"one"}'], [200, 'OK', [json], `{"id":"${ids[0]}","name":"one","rows":[1,2.5,3e2]}`]),
  exchange('V2', ['POST', '/things', '{"name":"two"}'], [200, 'OK', [json], `{"id":"${ids[1]}","name":"two","rows":[]}`]),
  exchange('V3', ['PUT', `/things/${ids[0]}`, `{"twin":"${ids[1]}"}`], [200, 'OK', [['Content-Length', '0']], null]),
  exchange('V4', ['GET', '/things'], [200, 'OK', [json, ['Link', `</things?after=${ids[0]}&n=1>; rel="next"`]], `["${ids[0]}"]`]),
  exchange('V5', ['GET', `/things?after=${ids[0]}&n=1`], [200, 'OK', [json], `["${ids[1]}"]`]),
  exchange('V6', ['POST', '/things', '{"name":'], [400, 'Bad Request', [['Content-Type', 'text/plain']], 'no JSON'], { malformed: true }),
  exchange('V7', ['GET', '/nothing'], [404, 'Not Found', [['Content-Length', '0']], null]),
];

export function exchange(id: string, [method, target, body]: string[], [status, reason, headers, text]: unknown[], more = {}) {
  const sent = { method, target, version: 'HTTP/1.1', headers: [['Host', 'things.test'], authorization], body: body ?? null, ...more };
  return {
    id,
    kind: 'exchange',
    title: `${method} ${target}`,
    steps: [{ request: sent, response: { version: 'HTTP/1.1', status, reason, headers, body: text } }],
  };
}

export const things = parseVectors('things', JSON.stringify([setup, ...entries]));

/** What a run tells that finds no fault. */
export const nothingWrong = Object.fromEntries(things.exchanges.map(({ id }) => [id, '']));
