import type { World } from '../../../tooling/vectors/run.ts';
import type { Visitor } from '../../../tooling/vectors/server-half.ts';
import type { Setup, SignatureVector, VectorFile } from '../../../tooling/vectors/vector.ts';

type KeyPair = { readonly key: string; readonly secret: string };

const password = 'a password for tests';

/** A gateway as the vectors of Timetric want it. */
export const world: World = {
  protocol: 'timetric',
  credentials: ({ owner = 'somebody', credentials = {} }) => [
    ...pairs(credentials.apiTokens).map((pair, i) => ({ user: owner, ...pair, ...(i === 0 ? { password } : {}) })),
    ...pairs(credentials.consumers).map(({ key, secret }) => ({ user: owner, consumerKey: key, consumerSecret: secret })),
  ],
  named: [/\boauth_token(?:_secret)?=(\w+)/g, /\boauth_verifier=(\w+)/g, /\/series\/([\w-]{22})\//g],
  visitor: visitWithBrowser,
  signatureCredentials,
};

function pairs(list: unknown): readonly KeyPair[] {
  return (list ?? []) as readonly KeyPair[];
}

/** The owner of the series, who has logged in and approves where the document says so. */
function visitWithBrowser(url: string, { owner = '', credentials = {} }: Setup, { exchanges }: VectorFile): Visitor {
  let session: Promise<string> | undefined;

  async function logIn(): Promise<string> {
    const body = new URLSearchParams({ user: owner, password });
    const answer = await fetch(`${url}/login/`, { method: 'POST', body, redirect: 'manual' });
    return answer.headers.getSetCookie()[0]!.split(';')[0]!;
  }

  return {
    header(_, description) {
      if (session === undefined || !description.includes('same session')) session = logIn();
      return session;
    },
    async before({ given = '' }, bindings) {
      if (!/\bits approval\b/.test(given)) return;
      const token = bindings.translate(pairs(credentials.requestTokens)[0]!.key);
      const page = `${url}/oauth/authorize/?oauth_token=${token}`;
      const headers = { cookie: await logIn() };
      await fetch(page, { headers });
      const body = new URLSearchParams({ authorize_access: 'on' });
      const answer = await fetch(page, { method: 'POST', headers, body, redirect: 'manual' });
      const told = exchanges.map((each) => /`(\S+oauth_verifier=\S+)`/.exec(each.given ?? '')?.[1]).find((each) => each !== undefined)!;
      const location = answer.headers.get('location') ?? '';
      if (!bindings.isSameOrNew(told, location, [/\boauth_verifier=(\w+)/g]))
        throw new Error(`the approval leads to ${location} instead of ${bindings.translate(told)}`);
    },
  };
}

function signatureCredentials({ key, params }: SignatureVector): Readonly<Record<string, string>> {
  const [consumerSecret = '', tokenSecret = ''] = key.split('&').map(decodeURIComponent);
  const given = new Map(params);
  const token = given.get('oauth_token');
  const application = { consumerKey: given.get('oauth_consumer_key')!, consumerSecret };
  return token === undefined ? application : { ...application, token, tokenSecret };
}
