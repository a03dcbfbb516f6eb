import { seriesKey } from '@anyseries/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf, keyOf } from '../src/series-address.ts';

test.each([
  ['temperature{device_id="greenhouse-01"}', 'greenhouse-01', 'temperature'],
  ['temperature{device_id="d",room="a b"}', 'd', 'temperature{room="a b"}'],
  ['temperature', 'anyseries', 'temperature'],
  ['temperature{room="kitchen"}', 'anyseries', 'temperature{room="kitchen"}'],
  ['temperature{device_id="no such id"}', 'anyseries', 'temperature{device_id="no such id"}'],
  ['temperature{device_id="anyseries"}', 'anyseries', 'temperature{device_id="anyseries"}'],
  ['time{device_id="d"}', 'anyseries', 'time{device_id="d"}'],
  ['{device_id="d"}', 'anyseries', '{device_id="d"}'],
  ['temperature\\{room="kitchen"}{device_id="d"}', 'anyseries', 'temperature\\{room="kitchen"}{device_id="d"}'],
  ['x\\{device_id="e"}{device_id="d"}', 'd', 'x{device_id="e"}'],
  ['x\\{namespace="n"}{device_id="d"}', 'd', 'x{namespace="n"}'],
  ['odd\\{{device_id="d"}', 'd', 'odd{'],
])('the series %s is the stream of a device', (key, device, name) => {
  expect(addressOf(key)).toEqual({ device, name });
  expect(keyOf({ device, name })).toBe(key);
});

describe('for every key, device and name', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((each) => each.isWellFormed() && !each.includes('\0'));
  const odd = fc.string({ unit: fc.constantFrom(...'ab{}\\",=\n_'), minLength: 1, maxLength: 12 });
  const label = fc.constantFrom('device_id', 'namespace', 'room', 'a');
  const labelled = fc
    .record({ name: fc.oneof(text, odd), labels: fc.dictionary(label, fc.oneof(text, odd, fc.constantFrom('d-1', 'anyseries'))) })
    .map(seriesKey);
  const key = fc.oneof(text, odd, labelled);
  const device = fc.constantFrom('d-1', 'anyseries', 'x:Y_9');
  const home = fc.constantFrom('anyseries', 'd-1');

  test('the key of its address is the key itself', () => {
    fc.assert(fc.property(key, home, (each, at) => keyOf(addressOf(each, at), at) === each));
  });

  test('the address of its key is the address itself, but on the home device, which names series by their whole key', () => {
    fc.assert(
      fc.property(device, key, home, (id, name, at) => {
        fc.pre(id !== at && !/^(time|time_offset|all|device_id)$/i.test(name));
        expect(addressOf(keyOf({ device: id, name }, at), at)).toEqual({ device: id, name });
      }),
    );
  });
});
