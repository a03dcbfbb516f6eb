import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import OAuth from 'oauth-1.0a';
import { expect, test } from 'vitest';
import { readAuthorization, writeAuthorization } from '../src/oauth/authorization-header.ts';
import { type Parameter, signatureBaseString } from '../src/oauth/base-string.ts';
import { encodePercent } from '../src/oauth/percent.ts';
import { createNonce, signRequest } from '../src/oauth/sign.ts';

const text = fc.string({
  unit: fc.oneof(fc.constantFrom(...'aZ09-._~ +%&=/?#!\'()*"\\,:;@[]{}<>|^`$äé漢😀\n\t'), fc.string({ unit: 'binary', maxLength: 1 })),
});
const wellFormed = text.map((each) => each.toWellFormed());
const secret = fc.string({ unit: fc.constantFrom(...'aZ09&=+% ~ü'), maxLength: 20 });
const parameters = fc.array(fc.tuple(wellFormed, wellFormed), { maxLength: 6 });

test('every text is encoded as the standard says, and comes back', () => {
  fc.assert(
    fc.property(wellFormed, (each) => {
      const encoded = encodePercent(each);
      expect(encoded).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
      expect(decodeURIComponent(encoded)).toBe(each);
    }),
  );
});

test('requests are signed as oauth-1.0a signs them', async () => {
  const pair = fc.record({ key: fc.string({ unit: fc.constantFrom(...'aZ09-_.'), minLength: 1 }), secret });
  const port = fc.constantFrom('', ':80', ':443', ':8080');
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    scheme: fc.constantFrom('http' as const, 'https' as const),
    host: fc.tuple(fc.constantFrom('timetric.com', 'Gateway.Example', '[::1]'), port).map((parts) => parts.join('')),
    path: fc.constantFrom('/', '/create/', '/series/--86fpHQT2uMKl1-Cx-TxA/csv/', '/tags/public%2520data/results.atom', '/a%7Eb/'),
    // by name only: the other library puts values of one name in another order
    given: fc.uniqueArray(fc.tuple(wellFormed, wellFormed), { selector: ([name]) => name, maxLength: 6 }),
    consumer: pair,
    token: fc.option(pair, { nil: undefined }),
    timestamp: fc.nat({ max: 2e9 }),
  });
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, scheme, host, path, given, consumer, token, timestamp }) => {
      const url = { scheme, host, path };
      const nonce = createNonce();
      const usable = given.filter(([name]) => name !== '__proto__');
      const ours = await signRequest({ method, url, parameters: usable }, { consumer, token, nonce, timestamp });
      const hash = (base: string, key: string) => createHmac('sha1', key).update(base).digest('base64');
      const theirs = new OAuth({ consumer, signature_method: 'HMAC-SHA1', hash_function: hash });
      theirs.getNonce = () => nonce;
      theirs.getTimeStamp = () => timestamp;
      // it takes addresses as they are: neither lower case nor default ports
      const plain = `${scheme}://${host.toLowerCase().replace(scheme === 'http' ? /:80$/ : /:443$/, '')}${path}`;
      const signed = theirs.authorize({ url: plain, method, data: Object.fromEntries(usable) }, token);
      expect(ours.at(-1)).toEqual(['oauth_signature', signed.oauth_signature]);
    }),
  );
});

test('the order in which parameters come does not matter', () => {
  const url = { scheme: 'http', host: 'timetric.com', path: '/create/' } as const;
  fc.assert(
    fc.property(parameters, fc.infiniteStream(fc.nat()), (given, random) => {
      const shuffled = given
        .map((each) => [random.next().value, each] as const)
        .sort(([a], [b]) => a - b)
        .map(([, each]) => each);
      expect(signatureBaseString('POST', url, shuffled)).toBe(signatureBaseString('post', url, given));
    }),
  );
});

test('a header gives back what was written into it, and leaves out what is not of OAuth', () => {
  const own = fc.array(
    fc.tuple(
      fc.string({ unit: fc.constantFrom(...'abcxyz_'), minLength: 1 }).map((name) => `oauth_${name}`),
      wellFormed,
    ),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(own, (given: Parameter[]) => {
      expect(readAuthorization(writeAuthorization([['title', 'a "b", c'], ...given]))).toEqual(given);
    }),
  );
});

test('any other header is none, or unreadable, and never a failure', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        text.map((each) => `OAuth ${each}`),
      ),
      (header) => {
        const found = readAuthorization(header);
        if (!/^\s*OAuth(\s|$)/i.test(header)) expect(found).toBe(undefined);
        else expect(found === 'unreadable' || Array.isArray(found)).toBe(true);
      },
    ),
  );
});

test('a nonce is another one each time', () => {
  const nonces = Array.from({ length: 1000 }, createNonce);
  expect(new Set(nonces).size).toBe(1000);
  expect(nonces[0]).toMatch(/^[0-9a-f]{32}$/);
});
