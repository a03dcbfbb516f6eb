import { AnySeriesError, type CallOptions } from '@anyseries/core';
import { createNonce } from '../oauth/sign.ts';
import type { RequestToken } from './model.ts';

export interface LoopbackOptions extends CallOptions {
  /** Gets the address to the user: opens a browser, or prints it. */
  readonly open: (url: string) => void | Promise<void>;
  /** The port to listen at; default: a free one. */
  readonly port?: number | undefined;
  /** How long the user may take, in milliseconds; default five minutes. */
  readonly timeoutMs?: number | undefined;
}

/** Waits for the browser to come back to this machine. */
export interface Loopback extends AsyncDisposable {
  readonly callback: string;
  /** The verifier of the answer about this token; one of 1.0 has none. @throws AnySeriesError `forbidden` where the user refuses, `timeout`, `aborted` */
  answer(token: RequestToken): Promise<string | undefined>;
}

/** The parts of Node's `http` that are used here. */
interface NodeHttp {
  createServer(listener: (request: { readonly url?: string }, response: NodeResponse) => void): NodeServer;
}

interface NodeResponse {
  writeHead(status: number, headers: Readonly<Record<string, string>>): this;
  end(text: string): void;
}

interface NodeServer {
  listen(port: number, host: string, listening: () => void): void;
  once(event: 'error', listener: (error: Error) => void): void;
  address(): { readonly port: number };
  close(): void;
  closeAllConnections(): void;
}

const usualTimeoutMs = 300_000;

/** @throws AnySeriesError `unsupported` where there is no Node, `conflict` where the port is taken */
export async function listenOnLoopback({ port = 0, timeoutMs = usualTimeoutMs, signal }: LoopbackOptions): Promise<Loopback> {
  // nobody else on this machine or in this browser can guess where the answer is waited for
  const path = `/${createNonce()}/`;
  const arrived = Promise.withResolvers<string | undefined>();
  let expected: RequestToken | undefined;

  const server = nodeHttp().createServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const isExpected = pathname === path && expected !== undefined;
    const answer = (status: number, text: string) => {
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', connection: 'close' };
      response.writeHead(status, headers).end(text);
    };
    if (isExpected && searchParams.has('error')) {
      answer(200, 'You have refused. You can close this page.');
      return arrived.reject(new AnySeriesError('forbidden', 'the user has refused access'));
    }
    const verifier = searchParams.get('oauth_verifier') ?? undefined;
    const isAnswer =
      isExpected && searchParams.get('oauth_token') === expected?.key && (expected.version === '1.0' || verifier !== undefined);
    if (!isAnswer) return answer(404, 'Nobody waits for this.');
    answer(200, 'Thank you. You can close this page.');
    arrived.resolve(verifier);
  });

  const opened = await open(server, port);
  const timer = setTimeout(
    () => arrived.reject(new AnySeriesError('timeout', `the user has not answered within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const abort = () => arrived.reject(new AnySeriesError('aborted', 'the call was aborted', { cause: signal?.reason }));
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  // it may come before anybody waits for it
  arrived.promise.catch(() => {});

  return {
    callback: `http://127.0.0.1:${opened}${path}`,
    answer(token) {
      expected = token;
      return arrived.promise;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      server.close();
      server.closeAllConnections();
    },
  };
}

function nodeHttp(): NodeHttp {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const found = process?.getBuiltinModule?.('node:http');
  if (found !== undefined) return found as NodeHttp;
  throw new AnySeriesError(
    'unsupported',
    'only Node can listen for a callback; elsewhere use getRequestToken, getAuthorizeUrl and getAccessToken',
  );
}

function open(server: NodeServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new AnySeriesError('conflict', `port ${port} cannot be listened at`, { cause })));
    server.listen(port, '127.0.0.1', () => resolve(server.address().port));
  });
}
