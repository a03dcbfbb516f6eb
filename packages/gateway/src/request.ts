import type { IncomingMessage } from 'node:http';

export function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  return headers;
}

/** A request as a protocol server gets it. */
export interface Received {
  readonly request: Request;
  /** Tells the server that nobody waits for the answer any more. */
  abandon(): void;
}

/**
 * Node's own `Request` wraps a body that is here already in streams, which costs a third of the whole road of a small write; so what servers always
 * ask for is answered directly, and the rest by a real one, made when it is asked for.
 */
export function receive({ method = '' }: IncomingMessage, headers: Headers, url: string, body: Uint8Array): Received {
  // a `Request` has no body with these methods; whatever came with them is forgotten
  const isBodiless = method === 'GET' || method === 'HEAD';
  const received = new ReceivedRequest(method, headers, url, isBodiless ? noBytes : body);
  return { request: received as unknown as Request, abandon: () => received.abandon() };
}

const noBytes = new Uint8Array();
const utf8 = new TextDecoder();

class ReceivedRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly #url: string;
  readonly #body: Uint8Array;
  #resolved: string | undefined;
  #isUsed = false;
  #real: Request | undefined;
  #controller: AbortController | undefined;
  #isAbandoned = false;

  constructor(method: string, headers: Headers, url: string, body: Uint8Array) {
    this.method = method;
    this.headers = headers;
    this.#url = url;
    this.#body = body;
  }

  get url(): string {
    this.#resolved ??= new URL(this.#url).href;
    return this.#resolved;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAbandoned) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  get bodyUsed(): boolean {
    return this.#isUsed || this.#real?.bodyUsed === true;
  }

  async text(): Promise<string> {
    return utf8.decode(this.#take());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(this.#take());
  }

  async arrayBuffer(): Promise<ArrayBufferLike> {
    return new Uint8Array(this.#take()).buffer;
  }

  #take(): Uint8Array {
    if (this.bodyUsed || this.#real?.body?.locked) throw new TypeError('Body is unusable: it has been read already');
    this.#isUsed = this.#body.byteLength > 0;
    return this.#body;
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#controller?.abort();
  }

  real(): Request {
    if (this.#isUsed) throw new TypeError('Body is unusable: it has been read already');
    const body = this.#body.byteLength === 0 ? {} : { body: this.#body as Uint8Array<ArrayBuffer> };
    this.#real ??= new Request(this.url, { method: this.method, headers: this.headers, signal: this.signal, ...body });
    return this.#real;
  }
}

for (const name of Object.getOwnPropertyNames(Request.prototype)) {
  if (name in ReceivedRequest.prototype || name === 'method' || name === 'headers') continue;
  Object.defineProperty(ReceivedRequest.prototype, name, {
    get(this: ReceivedRequest) {
      const real = this.real();
      const value: unknown = Reflect.get(real, name, real);
      return typeof value === 'function' ? value.bind(real) : value;
    },
  });
}
Object.setPrototypeOf(ReceivedRequest.prototype, Request.prototype);

/** Path and query of a request line, which names the host as well when it is meant for a proxy. */
export function originForm(target: string): string {
  if (target[0] === '/') return target;
  const match = /^https?:\/\/[^/?#]*(.*)$/i.exec(target);
  if (match === null) return target;
  return match[1]![0] === '/' ? match[1]! : `/${match[1]}`;
}

/** The host that the client names; `localhost` where it need not name one. Nothing if that is no host. */
export function hostOf(headers: Headers, httpVersion: string): string | undefined {
  const host = headers.get('host');
  if (host === null) return httpVersion === '1.1' ? undefined : 'localhost';
  if (host === '') return 'localhost';
  return /^[^\s/?#@\\]+$/.test(host) && URL.canParse(`http://${host}`) ? host : undefined;
}
