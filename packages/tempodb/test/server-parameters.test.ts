import { describe, expect, test } from 'vitest';
import { fill, get, startService } from './server-fixture.ts';

const start = Date.parse('2012-01-01T00:00:00Z');

describe('a zone', () => {
  test('writes every timestamp of an answer, in winter and in summer, and never reads one', async () => {
    const service = await startService();
    await fill(service, 'k', [
      [Date.parse('2012-01-15T00:00:00Z'), 1],
      [Date.parse('2012-07-15T00:00:00Z'), 2],
    ]);
    const read = async (tz: string) => (await get(service, 'series/key/k/segment', { start: '2012-01-01', end: '2013-01-01', tz })).json;
    const cases: readonly (readonly [string, string, string, string?])[] = [
      ['Europe/London', '2012-01-15T00:00:00.000+00:00', '2012-07-15T01:00:00.000+01:00'],
      ['America/Chicago', '2012-01-14T18:00:00.000-06:00', '2012-07-14T19:00:00.000-05:00'],
      ['EST', '2012-01-14T19:00:00.000-05:00', '2012-07-14T19:00:00.000-05:00'],
      ['Asia/Kathmandu', '2012-01-15T05:45:00.000+05:45', '2012-07-15T05:45:00.000+05:45'],
      ['-03:30', '2012-01-14T20:30:00.000-03:30', '2012-07-14T20:30:00.000-03:30'],
      [' 05:30', '2012-01-15T05:30:00.000+05:30', '2012-07-15T05:30:00.000+05:30', '+05:30'],
      ['UTC', '2012-01-15T00:00:00.000Z', '2012-07-15T00:00:00.000Z'],
      ['', '2012-01-15T00:00:00.000Z', '2012-07-15T00:00:00.000Z', 'UTC'],
    ];
    for (const [tz, winter, summer, echo = tz] of cases) {
      const { data, tz: shown } = await read(tz);
      expect([data[0].t, data[1].t, shown]).toEqual([winter, summer, echo]);
    }
  });
});

describe('a bad parameter', () => {
  const range = 'start=2012-01-01&end=2012-01-02';
  const reads: Readonly<Record<string, readonly string[]>> = {
    'series/key/k/data': [
      '',
      'start=2012-01-01',
      'end=2012-01-01',
      `${range}&interval=1`,
      `${range}&interval=1day&function=best`,
      `${range}&tz=Mars/Olympus`,
    ],
    data: ['start=yesterday&end=2012-01-02', 'start=2012-01-02&end=2012-01-01', 'start=&end='],
    'series/key/k/segment': [
      '',
      `${range}&limit=0`,
      `${range}&limit=-1`,
      `${range}&limit=x`,
      `${range}&limit=1.5`,
      `${range}&rollup.period=1&rollup.fold=max`,
      `${range}&rollup.period=1hour&rollup.fold=median`,
      `${range}&rollup.fold=percentile,101&rollup.period=1hour`,
      `${range}&interval=raw`,
      `${range}&interpolation.period=PT1M`,
      `${range}&interpolation.function=linear`,
      `${range}&interpolation.period=PT1M&interpolation.function=cubic`,
      `${range}&interpolation.period=P1M&interpolation.function=linear`,
      `${range}&interpolation.period=1year&interpolation.function=zoh`,
      'start=0001-01-01&end=9999-01-01&interpolation.period=PT1S&interpolation.function=zoh&rollup.period=P1Y',
      `${range}&tz=x`,
      'cursor=x',
      'cursor=W10',
      `cursor=${btoa('["start=2012-01-01&end=2012-01-02","x"]')}`,
      `cursor=${btoa('["start=2012-01-01",5]')}`,
      `cursor=${btoa('["start=2012-01-01&end=2012-01-02",1.5]')}`,
    ],
    segment: [range, `${range}&aggregation.fold=`, `${range}&aggregation.fold=x`, 'aggregation.fold=sum'],
    multi: ['', `${range}&limit=0`],
    'series/key/k/data/rollups/segment': [
      range,
      `${range}&rollup.period=PT1H`,
      `${range}&rollup.fold=max`,
      `${range}&rollup.fold=max&rollup.fold=x&rollup.period=PT1H`,
    ],
    'series/key/k/find': [
      range,
      `${range}&predicate.period=PT1H`,
      `${range}&predicate.function=max`,
      `${range}&predicate.function=mean&predicate.period=PT1H`,
      `${range}&predicate.function=max&predicate.period=x`,
    ],
    'series/key/k/single': ['ts=x', 'direction=sideways', 'tz=x'],
    single: ['ts=2012-13-01', 'direction=x', 'limit=0', `cursor=${btoa('["",5]')}`],
    'series/key/k/summary': ['', 'start=2012-01-02&end=2012-01-01', `${range}&tz=x`],
    series: ['limit=0', 'limit=x', 'cursor=x'],
  };

  test.each(Object.entries(reads))('of %s is refused by name', async (path, queries) => {
    const service = await startService();
    await fill(service, 'k', [[start, 1]]);
    for (const query of queries) {
      const answer = await service.ask('GET', `/v1/${path}/?${query}`);
      expect([answer.status, answer.type], query).toEqual([400, 'text/plain']);
      expect(answer.text, query).toMatch(/^(?:Missing|Invalid) [\w.]+(?:: .+)?$/);
    }
    const unknown = path.replace('key/k', 'key/unknown');
    if (unknown !== path) for (const query of queries) expect((await service.ask('GET', `/v1/${unknown}/?${query}`)).status).toBe(403);
  });

  test('with a value that is longer than a line is not repeated in full', async () => {
    const { ask } = await startService();
    expect((await ask('GET', `/v1/data/?start=${'x'.repeat(5000)}&end=2012-01-01`)).text.length).toBeLessThan(300);
  });
});
