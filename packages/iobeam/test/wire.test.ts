import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../src/wire/duration.ts';
import { parseFault } from '../src/wire/fault.ts';
import { encodeJson } from '../src/wire/json.ts';
import {
  firstTime,
  formatDate,
  formatIsoDate,
  inUnit,
  lastTime,
  parseDate,
  parseTime,
  readTime,
  readTimeFormat,
  writeTime,
  writeTimeCell,
} from '../src/wire/time.ts';
import { decodeToken, encodeBase64, encodeClaims, expiryOf } from '../src/wire/token.ts';

describe('times', () => {
  const microseconds = fc.integer({ min: firstTime * 1000, max: lastTime * 1000 });

  test('every microsecond until the year 2248 comes back exactly, in each format that tells it', () => {
    fc.assert(
      fc.property(microseconds, (us) => {
        const time = readTime(us, 'usec')!;
        expect(writeTime(time, 'usec')).toBe(us);
        expect(parseTime(writeTime(time, 'timeval'), 'timeval')).toBe(time);
      }),
    );
  });

  test('coarser units are floored, before 1970 too', () => {
    fc.assert(
      fc.property(microseconds, (us) => {
        const time = readTime(us, 'usec')!;
        expect(BigInt(inUnit(time, 'msec'))).toBe(floorDivide(BigInt(us), 1000n));
        expect(BigInt(inUnit(time, 'sec'))).toBe(floorDivide(BigInt(us), 1_000_000n));
        const { sec, usec } = writeTime(time, 'timeval') as { sec: number; usec: number };
        expect([usec >= 0 && usec < 1_000_000, BigInt(sec) * 1_000_000n + BigInt(usec)]).toEqual([true, BigInt(us)]);
      }),
    );
  });

  test.each([1.5, '1', null, undefined, true, Number.NaN, 2 ** 53, 1n])('%o is no time', (json) => {
    expect(readTime(json, 'msec')).toBeUndefined();
  });

  test('exponents and negative numbers are whole numbers as well', () => {
    expect([readTime(1.4407e12, 'msec'), readTime(-1, 'sec')]).toEqual([1_440_700_000_000, -1000]);
  });

  test('formats are known in any case of their letters', () => {
    expect([readTimeFormat('TIMEVAL'), readTimeFormat('uSec'), readTimeFormat('ns')]).toEqual(['timeval', 'usec', undefined]);
    expect(writeTimeCell(-0.25, 'timeval')).toBe('-1.999750');
  });

  test.each([
    ['2015-08-27 18:40:00 +0000', Date.UTC(2015, 7, 27, 18, 40)],
    ['2015-08-27 18:40:00+0000', Date.UTC(2015, 7, 27, 18, 40)],
    ['2016-06-02T17:51:39Z', Date.UTC(2016, 5, 2, 17, 51, 39)],
    ['2016-08-28T17:25:31+00:00', Date.UTC(2016, 7, 28, 17, 25, 31)],
    ['yesterday', undefined],
  ])('the date %s', (text, time) => {
    expect(parseDate(text)).toBe(time);
  });

  test('dates of resources are written in the two ways that clients read', () => {
    const time = Date.UTC(2015, 7, 27, 18, 40, 0, 250);
    expect([formatDate(time), formatIsoDate(time)]).toEqual(['2015-08-27 18:40:00 +0000', '2015-08-27T18:40:00Z']);
  });
});

test.each([
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['1y', 365 * 86_400_000],
  ['2w1d', 15 * 86_400_000],
  ['250ms', 250],
  ['0s', undefined],
  ['', undefined],
  ['1', undefined],
  ['-1s', undefined],
  ['1 s', undefined],
  ['9999999999999999999y', undefined],
])('the duration %o', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

describe('JSON', () => {
  test('has no blanks, keeps every digit and minus zero, and leaves out what is undefined', () => {
    expect(encodeJson({ a: [1, 2n ** 63n - 1n, -0, 2 ** 60, 'é"\n', null, true], b: undefined, c: {} })).toBe(
      '{"a":[1,9223372036854775807,-0,1152921504606846976,"é\\"\\n",null,true],"c":{}}',
    );
  });

  test('a number that is too large for a double is the largest one', () => {
    expect(JSON.parse(encodeJson([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]))).toEqual([Number.MAX_VALUE, -Number.MAX_VALUE]);
  });

  test('doubles come back as they were', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => Object.is(JSON.parse(encodeJson(value)), value)));
  });
});

describe('tokens', () => {
  const claims = { uid: 5, pid: 7, exp: 1_443_292_800, pms: 3 };
  const unsigned = encodeClaims(claims, 10);

  test('are read in both alphabets of base64, padded or not', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i * 37 + 251);
    const signature = encodeBase64(bytes);
    expect(signature).toMatch(/[-_]/);
    const other = signature.replaceAll('-', '+').replaceAll('_', '/');
    for (const text of [signature, other, `${other}=`]) {
      expect(decodeToken(`${unsigned}.${text}`)).toEqual({ algorithm: 'HS256', claims, signed: unsigned, signature: bytes });
    }
    expect(expiryOf(`${unsigned}.${signature}`)).toBe(claims.exp * 1000);
  });

  test.each(['', 'opaque', 'a.b.c', `${unsigned}`, `${unsigned}.a.b`, `${unsigned}.%%%`, 'WzFd.WzFd.WzFd'])('%o is none', (text) => {
    expect(decodeToken(text)).toBeUndefined();
  });

  test('claims of another type claim nothing', () => {
    const payload = btoa(JSON.stringify({ uid: '5', pid: 1.5, exp: null, pms: '7', did: 3, nrf: 'yes' }));
    expect(decodeToken(`${unsigned.split('.')[0]}.${payload}.${encodeBase64(new Uint8Array(3))}`)?.claims).toEqual({});
  });

  test('any text is read or none, and never fails', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'eyJ0.=+/-_ab') }), (text) => void decodeToken(text)));
  });
});

test.each([
  ['{"errors":[{"code":150,"message":"taken"}]}', { status: 422, code: 150, message: 'taken' }],
  ['{"errors":[{"code":1,"message":"m","details":"d"}]}', { status: 422, code: 1, message: 'm', details: 'd' }],
  ['{"errors":[{"code":1,"message":"m","detailed_message":"d"}]}', { status: 422, code: 1, message: 'm', details: 'd' }],
  ['{"errors":[]}', undefined],
  ['{"errors":"no"}', undefined],
  ['<html>', undefined],
  ['null', undefined],
])('the error %s', (body, fault) => {
  expect(parseFault(422, body)).toEqual(fault);
});

function floorDivide(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b);
}
