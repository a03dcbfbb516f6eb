import type { SeriesRef } from '@anyseries/core';
import { createBatchBuilder } from '@anyseries/core/provider';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { announcesExtension } from '../src/wire/answers.ts';
import { amountOf, leadingInteger, secondsOf, shownCount } from '../src/wire/count.ts';
import { assignGraph, datasetBytes, encodeDatasets, notedCount, pointBytes } from '../src/wire/encode-batch.ts';
import { bucketLabel, intervalOf, readScale, windowAt } from '../src/wire/graph-window.ts';
import { escapeHtml, unescapeHtml } from '../src/wire/html.ts';
import { chartLines, dashboardLines, readChart, readDashboard } from '../src/wire/pages.ts';

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text).length;

describe('a count', () => {
  test.each([
    [7, 7],
    [2.9, 2],
    [-2.9, -2],
    ['12abc', 12],
    [' -7', -7],
    ['0x10', 16],
    ['1e3', 1],
    [[3, 4], 3],
    [[['5']], 5],
    [1e21, 1],
    [5e-7, 5],
    [2n ** 60n, 2 ** 60],
  ])('of %o shows as %o', (count, shown) => {
    expect(shownCount(count)).toBe(shown);
  });

  test.each([[null], [true], [undefined], ['abc'], [''], [[]], [{}], [{ toString: 1 }], [Number.NaN]])('of %o shows nothing', (count) => {
    expect(shownCount(count)).toBeNaN();
  });

  test('adds itself where it is a number, else what it shows', () => {
    expect([2.9, -3, '7', '2.9'].map(amountOf)).toEqual([2.9, -3, 7, 2]);
    expect(amountOf(null)).toBeNaN();
  });

  test('is read by pages as parseInt reads its text, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.string(), fc.integer(), fc.array(fc.oneof(fc.integer(), fc.string()))), (count) => {
        expect(shownCount(count)).toBe(leadingInteger(String(count)));
      }),
    );
  });
});

test('a time is a number or a text that is one; what no series can hold never shows', () => {
  expect([1478220723, 1478220723.5, -1, 0, '1478220723', ' 5 '].map(secondsOf)).toEqual([1478220723, 1478220723.5, -1, 0, 1478220723, 5]);
  for (const time of [undefined, null, '', 'x', true, [5], {}, 1e300, Number.NaN]) expect(secondsOf(time)).toBeNaN();
});

describe('the scale of a page', () => {
  test.each([
    ['60', undefined, 60],
    ['90.5', undefined, 90],
    ['1e3', undefined, 1],
    ['60abc', undefined, 60],
    ['0x10', undefined, 16],
    ['300,60', undefined, 300],
    ['-5', 3600, 1],
    ['2678400', undefined, 604_800],
    ['0', 3600, 3600],
    ['x', undefined, 60],
    [undefined, 300, 300],
    [undefined, undefined, 60],
  ])('asked for as %j with %j saved is %i', (asked, saved, scale) => {
    expect(readScale(asked, saved)).toBe(scale);
  });

  test('gives buckets of a third of it, from a second to two days and a third', () => {
    expect([1, 3, 4, 60, 604_800].map(intervalOf)).toEqual([1, 1, 2, 20, 201_600]);
  });
});

test('a window has 121 buckets, aligned to the epoch, and the running one is the last', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e10 }), fc.integer({ min: 1, max: 201_600 }), (now, interval) => {
      const { first, end } = windowAt(now, interval);
      expect(end - first).toBe(121 * interval);
      expect(Math.abs(first % interval)).toBe(0);
      expect(now).toBeGreaterThanOrEqual(end - interval);
      expect(now).toBeLessThan(end);
    }),
  );
});

test('a label tells the start of its bucket in UTC, without leading zeros', () => {
  expect(bucketLabel(1_478_218_920)).toBe('November 4 / 0:22');
  expect(bucketLabel(0)).toBe('January 1 / 0:0');
});

describe('a request', () => {
  const t0 = 1_478_220_723_000;
  const ref = (key: string): SeriesRef => {
    const made: SeriesRef = { key, slot: undefined };
    assignGraph(made, key);
    return made;
  };

  test('holds a dataset per graph, its points in order', () => {
    const [requests, errors] = [ref('ReqPerMin00000000001'), ref('Errs0000000000000002')];
    const builder = createBatchBuilder();
    builder.add(requests, t0, 5);
    builder.add(errors, t0 + 7000, -3);
    builder.add(requests, t0 + 1000, notedCount(1, 'caf\u00e9 "x"'));
    expect(encodeDatasets(builder.build(), '')).toBe(
      '[{"graph":"ReqPerMin00000000001","points":[{"time":1478220723,"count":5},{"time":1478220724,"count":1,"text":"café \\"x\\""}]},' +
        '{"graph":"Errs0000000000000002","points":[{"time":1478220730,"count":-3}]}]',
    );
  });

  test('has the empty note of the original client where that is wanted: 39 bytes for a minimal point', () => {
    const builder = createBatchBuilder();
    const requests = ref('ReqPerMin00000000001');
    builder.add(requests, t0, 5);
    expect(encodeDatasets(builder.build(), ',"text":""')).toContain('[{"time":1478220723,"count":5,"text":""}]');
    expect(pointBytes(requests, t0, 5, ',"text":""')).toBe(39 + 1);
    expect(pointBytes(requests, t0, 5, '')).toBe(29 + 1);
  });

  test('is never larger than its measure, and for one usual graph exactly as large, but for a comma', () => {
    const value = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger(),
      fc.tuple(fc.integer(), fc.string({ unit: 'binary' })).map(([count, note]) => notedCount(count, note)),
    );
    const point = fc.record({
      graph: fc.constantFrom('ReqPerMin00000000001', 'e', 'über "lang" \u{1F600}'.repeat(9)),
      seconds: fc.integer(),
      value,
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), (points) => {
        const refs = new Map(points.map(({ graph }) => [graph, ref(graph)]));
        const builder = createBatchBuilder();
        let measure = 2 + refs.size * datasetBytes;
        for (const { graph, seconds, value: each } of points) {
          builder.add(refs.get(graph)!, seconds * 1000, each);
          measure += pointBytes(refs.get(graph)!, seconds * 1000, each, '');
        }
        const size = bytesOf(encodeDatasets(builder.build(), ''));
        expect(size).toBeLessThanOrEqual(measure);
        if (refs.size === 1 && refs.has('ReqPerMin00000000001')) expect(measure - size).toBe(2);
      }),
    );
  });
});

const anyName = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(`"], data: [ 9 ]`, "labels: [ 'x' ],\n data: [ 1,2 ]", '</script><b>', '&quot;'),
);

test('HTML that was escaped comes back', () => {
  fc.assert(
    fc.property(anyName, (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"]/);
      expect(unescapeHtml(escapeHtml(text))).toBe(text);
    }),
  );
});

test('a chart comes back from its page, whatever the name of the graph', () => {
  const numbers = fc.array(fc.oneof(fc.maxSafeInteger(), fc.constant(Number.NaN), fc.constant(1e21)), { minLength: 121, maxLength: 121 });
  const labels = Array.from({ length: 121 }, (_, bucket) => bucketLabel(bucket * 60));
  fc.assert(
    fc.property(anyName, numbers, (name, data) => {
      const html = `<h1>${escapeHtml(name)}</h1><script type="text/plain">\n${chartLines({ labels, name, data })}</script>`;
      expect(readChart(html)).toEqual({ labels, name, data });
    }),
  );
});

test('a page that is no graph page is no chart', () => {
  expect(readChart('<h1>Not Found</h1>')).toBe(undefined);
  expect(readChart(`labels: [ 'a' ],\nlabel: "x",\ndata: [ 1 ]`)).toBe(undefined);
});

test('a dashboard comes back from its page, whatever the names', () => {
  const graph = fc.record({ id: fc.stringMatching(/^[0-9A-Za-z]{20}$/), name: anyName });
  fc.assert(
    fc.property(anyName, fc.array(graph), fc.constantFrom('', '/microlog'), (username, graphs, prefix) => {
      const links = graphs.map((each) => dashboardLines.graph(each, prefix)).join('');
      const html = `<h1>x</h1>${dashboardLines.username(username)}${dashboardLines.token('aDa7Qm2ZpX9kLr4TtW1c')}${links}`;
      expect(readDashboard(html)).toEqual({ username, token: 'aDa7Qm2ZpX9kLr4TtW1c', graphs });
    }),
  );
  expect(readDashboard('<h1>Log in</h1>')).toBe(undefined);
});

test('the extension counts only as a whole', () => {
  expect(announcesExtension('read/1, result/1, idempotency/1')).toBe(true);
  expect(announcesExtension('idempotency/1,other/2,  result/1,read/1')).toBe(true);
  expect(announcesExtension('read/1, result/1')).toBe(false);
  expect(announcesExtension(null)).toBe(false);
});
