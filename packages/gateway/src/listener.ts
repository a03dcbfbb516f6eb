import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection } from '@anyseries/core/server';
import type { Activity } from './activity.ts';
import { type Answer, answerOf, lastAnswer, plainAnswer } from './answer.ts';
import type { BodyRoom } from './body.ts';
import { compressed } from './compression.ts';
import type { Cors } from './cors.ts';
import { withoutSecrets } from './failure.ts';
import { type Log, loggedPath } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Pages } from './pages.ts';
import type { Proxies } from './proxies.ts';
import type { RateLimiter } from './rate-limit.ts';
import { hostOf, originForm, type Received, receive, toHeaders } from './request.ts';
import type { Mounted, Route, Router } from './routing.ts';
import type { Sender } from './sender.ts';
import { createTurns } from './turns.ts';

/** What every request of a gateway is answered with. */
export interface ListenerParts {
  readonly mounts: readonly Mounted[];
  readonly router: Router;
  readonly pages: Pages;
  readonly bodies: BodyRoom;
  readonly cors: Cors;
  readonly proxies: Proxies;
  readonly rateLimiter: RateLimiter | undefined;
  readonly handlingMs: number;
  readonly sender: Sender;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Is told what a protocol server failed with. */
  onFailure(protocol: string, error: unknown): void;
  /** Requests that are not answered yet, and what protocol servers are working on. */
  readonly activity: Activity;
}

/** Answers what arrives at a port. */
export interface Listener {
  request(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** Whether a request that asks for another protocol gets it; else it is answered as any other. */
  takesUpgrade(incoming: IncomingMessage): boolean;
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Uint8Array): void;
  /** Whether any protocol here takes such requests at all. */
  readonly hasUpgrades: boolean;
}

/** One request and what becomes of it. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Path and query as received. */
  readonly target: string;
  readonly remoteAddress: string | undefined;
  readonly secure: boolean;
  readonly startedAt: number;
  /** The protocol's id; `gateway` for its own pages and for what is no protocol's. */
  protocol: string;
  /** What the protocol server was given, if it came to that. */
  received: Received | undefined;
  bytesIn: number;
  bytesOut: number;
}

/** @param bound the protocol that everything belongs to, where the port is one protocol's own */
export function createListener(parts: ListenerParts, bound?: Mounted): Listener {
  const { mounts, router, pages, bodies, cors, proxies, rateLimiter, handlingMs, sender, metrics, log, onFailure, activity } = parts;
  const boundRoute = bound && { mounted: bound, prefix: '' };
  const takeTurn = createTurns();

  return {
    request(incoming, outgoing) {
      const exchange = begin(incoming, outgoing);
      outgoing.once('close', () => end(exchange));
      serve(exchange).catch((error) => {
        log.error('an answer could not be sent', { protocol: exchange.protocol, ...withoutSecrets(error) });
        outgoing.destroy();
      });
    },

    hasUpgrades: (bound === undefined ? mounts : [bound]).some(({ server }) => server.upgrade !== undefined),

    takesUpgrade: (incoming) => upgradeRoute(incoming) !== undefined,

    upgrade(incoming, socket, head) {
      const route = upgradeRoute(incoming);
      // before Node 22.21 and 24.9 it does not ask
      if (route === undefined) return void socket.end('HTTP/1.1 501 Not Implemented\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      const { mounted, prefix } = route;
      const connection = { target: originForm(incoming.url!), prefix, httpVersion: incoming.httpVersion, ...proxies.origin(incoming) };
      socket.on('error', () => {});
      try {
        mounted.server.upgrade!(incoming, socket, head, connection);
      } catch (error) {
        onFailure(mounted.protocol.id, error);
        socket.destroy();
      }
    },
  };

  function begin(incoming: IncomingMessage, outgoing: ServerResponse): Exchange {
    metrics.begin();
    activity.begin();
    const { remoteAddress, secure } = proxies.origin(incoming);
    const target = originForm(incoming.url!);
    const startedAt = performance.now();
    const outcome = { protocol: 'gateway', received: undefined, bytesIn: 0, bytesOut: 0 };
    return { incoming, outgoing, target, remoteAddress, secure, startedAt, ...outcome };
  }

  async function serve(exchange: Exchange): Promise<void> {
    const { incoming, outgoing } = exchange;
    const answer = await answerTo(exchange).catch((error) => {
      onFailure(exchange.protocol, error);
      return plainAnswer(500);
    });
    if (answer === undefined) return void outgoing.destroy();
    const acceptEncoding = incoming.headers['accept-encoding'] as string | undefined;
    const finished = await compressed(cors.allow(answer, incoming.headers.origin), acceptEncoding);
    await sender.send(incoming, outgoing, finished, (bytes) => {
      exchange.bytesOut += bytes;
    });
  }

  /** The answer; nothing if the client has gone. */
  async function answerTo(exchange: Exchange): Promise<Answer | undefined> {
    const { incoming, target, remoteAddress } = exchange;
    const {
      method = '',
      headers: { expect: expectation },
    } = incoming;
    const waitSeconds = remoteAddress === undefined ? 0 : (rateLimiter?.take(remoteAddress) ?? 0);
    if (waitSeconds > 0) return plainAnswer(429, { 'Retry-After': String(waitSeconds) });
    const headers = toHeaders(incoming);
    const host = hostOf(headers, incoming.httpVersion);
    if (host === undefined || target[0] !== '/') return lastAnswer(400);
    if (expectation !== undefined && expectation.toLowerCase() !== '100-continue') return lastAnswer(417);
    if (cors.isPreflight(method, incoming.headers)) return cors.preflight();
    const page = boundRoute === undefined ? pages.answer(method, target) : undefined;
    if (page !== undefined) return await page;
    if (method === 'TRACE') return plainAnswer(501);
    const route = boundRoute ?? router({ method, target, headers }, host);
    if (route === undefined) return plainAnswer(404);
    exchange.protocol = route.mounted.protocol.id;
    return await ask(exchange, route, headers, host);
  }

  async function ask(exchange: Exchange, { mounted, prefix }: Route, headers: Headers, host: string): Promise<Answer | undefined> {
    const { incoming, outgoing, target, secure, remoteAddress } = exchange;
    const { httpVersion } = incoming;
    if (bodies.isTooLarge(incoming)) return lastAnswer(413);
    if (incoming.headers.expect !== undefined && httpVersion !== '1.0') outgoing.writeContinue();
    const body = await bodies.read(incoming);
    if (body === 'cut-off') return undefined;
    if (body === 'too-large') return lastAnswer(413);
    if (body === 'no-room') return lastAnswer(503, { 'Retry-After': '1' });
    exchange.bytesIn = body.byteLength;
    await takeTurn(body.byteLength);
    const received = receive(incoming, headers, `${secure ? 'https' : 'http'}://${host}${target}`, body);
    exchange.received = received;
    const connection: Connection = { target, prefix, httpVersion, secure, remoteAddress };
    const response = await inTime(mounted.server.fetch(received.request, connection));
    if (response !== undefined) return await answerOf(response);
    received.abandon();
    return lastAnswer(504);
  }

  /** What the promise resolves to; nothing if that takes too long. It goes on all the same: what a store has begun it ends. */
  function inTime<T>(promise: Promise<T>): Promise<T | undefined> {
    activity.begin();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, handlingMs, undefined);
      promise.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        activity.end();
      });
    });
  }

  function end({ incoming, outgoing, target, protocol, received, remoteAddress, startedAt, bytesIn, bytesOut }: Exchange): void {
    if (!outgoing.writableFinished) received?.abandon();
    bodies.release(incoming);
    activity.end();
    const method = incoming.method!;
    const status = outgoing.headersSent ? outgoing.statusCode : undefined;
    const ms = performance.now() - startedAt;
    metrics.end({ protocol, method, status, seconds: ms / 1000, bytesIn, bytesOut });
    const level = status !== undefined && status >= 500 ? 'error' : 'info';
    if (!log.writes(level)) return;
    log[level]('request', {
      protocol,
      method,
      path: loggedPath(target),
      status: status ?? null,
      durationMs: Math.round(ms * 1000) / 1000,
      bytesIn,
      bytesOut,
      remoteAddress,
      ...(outgoing.writableFinished ? {} : { cutOff: true }),
    });
  }

  function upgradeRoute(incoming: IncomingMessage): Route | undefined {
    const headers = toHeaders(incoming);
    const host = hostOf(headers, incoming.httpVersion);
    const head = { method: incoming.method!, target: originForm(incoming.url!), headers };
    if (host === undefined || head.target[0] !== '/') return undefined;
    const route = boundRoute ?? router(head, host);
    return route?.mounted.server.upgrade === undefined ? undefined : route;
  }
}
