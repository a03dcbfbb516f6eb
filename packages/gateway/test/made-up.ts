import type { Claim, Connection, Protocol, ServerOptions } from '@anyseries/core/server';

export interface MadeUp {
  readonly id: string;
  /** Default: claims nothing. */
  readonly claim?: Protocol['claim'];
  /** Default: tells what arrived, see {@link Told}. */
  readonly fetch?: (request: Request, connection: Connection, options: ServerOptions) => Promise<Response> | Response;
  readonly close?: () => Promise<void>;
  readonly upgrade?: (incoming: unknown, socket: unknown, head: Uint8Array, connection: Connection) => void;
  readonly examples?: Protocol['examples'];
}

/** What a made-up protocol answers: what it was given. */
export interface Told {
  readonly protocol: string;
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly connection: Connection;
}

/** A protocol for tests; its credentials have a key and a secret. */
export function madeUp({ id, claim = () => undefined, fetch = tell(id), close, upgrade, examples }: MadeUp): Protocol {
  return {
    id,
    title: `Made up ${id}`,
    claim,
    ...(examples === undefined ? {} : { examples }),
    credentials: {
      fields: ['key', 'secret'],
      async add({ key = `random-key-of-${id}`, secret = `random-secret-of-${id}` }, project, credentials) {
        await credentials.add({ protocol: id, id: key, secret, project });
        return { key, secret };
      },
    },
    createServer: (options) => ({
      fetch: async (request, connection) => fetch(request, connection!, options),
      ...(close === undefined ? {} : { close }),
      ...(upgrade === undefined ? {} : { upgrade }),
    }),
  };
}

function tell(protocol: string): NonNullable<MadeUp['fetch']> {
  return async (request, connection) => {
    const told: Told = { protocol, method: request.method, url: request.url, body: await request.text(), connection };
    return Response.json(told);
  };
}

export function claimOf(part: Partial<Claim> = {}): Claim {
  return { known: false, credentials: false, host: false, fallback: false, ...part };
}
