import { readFileSync } from 'node:fs';
import { connect as connectMemory } from '@anyseries/memory';
import { startGateway } from '@anyseries/gateway';
import { createRawClient } from './tooling/vectors/raw-client.ts';
import { writeRequest, contentOf } from './tooling/vectors/message.ts';
import { arrangeWorld, readList } from './packages/microlog/test/world.ts';

const [setup, ...entries] = JSON.parse(readFileSync('packages/microlog/test/vectors/microlog.json', 'utf8'));
const X = [{time:1478220726,count:2,text:''},{time:1478220723,count:5,text:'boot'},{time:1478220723,count:5,text:''}];
let bad = 0;
for (const e of entries) {
  const store = connectMemory({ clock: { now: () => setup.clockMs, setTimer: () => () => {} } });
  const R = 'ReqPerMin00000000001';
  const state = e.beforeState ?? {};
  await arrangeWorld(store, setup.credentials.users, {
    points: e.id.startsWith('X') ? { [R]: X } : state.points ? { [R]: state.points } : {},
    scales: state.savedInterval ? { [R]: state.savedInterval } : {},
  });
  let down = false; const broken = e.id === 'V21' ? { ...store, records: { ...store.records, get: async (...a: any) => { if (!down) return (store.records.get as any)(...a); const { AnySeriesError } = await import('@anyseries/core'); throw new AnySeriesError('unavailable', 'down'); } } } : store;
  const gw = await startGateway({ store: broken as any, port: 0, protocols: ['microlog'], clock: { now: () => setup.clockMs, setTimer: () => () => {} }, log: { level: 'silent' }, settings: { microlog: { signUpProject: 'default', extension: e.id !== 'V20' } } } as any);
  down = true; const client = createRawClient(gw.url);
  let opaque = '';
  const go = async (x: any) => {
    for (const s of x.steps) {
      const req = { ...s.request, target: s.request.target.replace('(opaque)', encodeURIComponent(opaque)) };
      const m = await client.exchange(writeRequest(req));
      const body = contentOf(m).toString();
      if (s.response.placeholders) opaque = JSON.parse(body).next;
      const p: string[] = [];
      const status = m.startLine.replace(/^\S+ /, '');
      if (status !== `${s.response.status} ${s.response.reason}`) p.push(`status ${m.startLine}`);
      const isText = s.response.body !== null && !s.response.patterns;
      for (const [n, v] of s.response.headers) {
        const l = n.toLowerCase();
        if (['x-powered-by', 'etag', 'date', 'connection'].includes(l)) continue;
        const got = m.headers.filter(([a]) => a.toLowerCase() === l).map(([, b]) => b).join('|');
        const norm = (t: string) => l === 'set-cookie' ? t.replace(/token=[0-9A-Za-z]{20}/, 'token=?').replace('; HttpOnly; SameSite=Lax', '') : t;
        if (norm(got) !== norm(v)) p.push(`header ${n}: ${got} instead of ${v}`);
      }
      if (s.response.placeholders) { if (body.replace(/"next":"[^"]*"/, '"next":"(opaque)"') !== s.response.body) p.push('body ' + body); }
      else if (isText && body !== s.response.body) p.push(`body ${body}`);
      let at = 0;
      for (const pat of s.response.patterns ?? []) {
        const f = new RegExp(pat, 's').exec(body.slice(at));
        if (!f) p.push(`no ${pat} in ${body}`); else at += f.index + f[0].length;
      }
      if (s.response.chart) {
        const c = s.response.chart; const mm = /data: \[ (.*) \]/.exec(body)![1];
        if (mm !== c.data.join(',')) p.push('chart data');
      }
      return p;
    }
    return [];
  };
  const problems: string[] = [];
  for (const r of state.runs ?? []) problems.push(...await go(entries.find((o: any) => o.id === r)));
  problems.push(...await go(e));
  for (const [g, list] of Object.entries(e.afterState?.stored ?? {})) {
    const got = JSON.stringify(await readList(store, g));
    if (got !== JSON.stringify(list)) problems.push(`stored ${g}: ${got}`);
  }
  if (problems.length) { bad++; console.log(e.id, e.title, '\n   ', problems.join('\n    ').slice(0, 1500)); }
  client.close();
  await gw.close(); await store.close();
}
console.log(entries.length - bad, 'of', entries.length, 'good');
