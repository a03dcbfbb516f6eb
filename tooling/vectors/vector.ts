import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `[name, value]`, in the order of the message. */
export type Header = readonly [name: string, value: string];

/** The world that the vectors of a file are about, and the rules for comparing. */
export interface Setup {
  /** What the document says, for people. */
  readonly text: string;
  /** `sequence`: one world, vectors in order. `fresh`: a new world for each vector. */
  readonly state: 'sequence' | 'fresh';
  readonly clockMs?: number;
  readonly credentials?: {
    readonly basic?: readonly { readonly user: string; readonly password: string }[];
    readonly [kind: string]: unknown;
  };
  readonly projects?: readonly { readonly id: number; readonly name: string }[];
  readonly series?: readonly { readonly name: string; readonly id: string }[];
  readonly owner?: string;
  /** `subset`: objects of answers may have more members than the document shows. */
  readonly bodyMatch: 'full' | 'subset';
  /** Statuses whose bodies are not compared. */
  readonly freeBodies?: readonly number[];
  /** Members of JSON whose text is not compared. */
  readonly freeMembers?: readonly string[];
}

export interface VectorRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: readonly Header[];
  readonly body: string | null;
  readonly bodyBase64?: string;
  /** Headers whose value is described instead of shown. */
  readonly described?: readonly string[];
  /** Opaque values that an earlier answer bound. */
  readonly placeholders?: readonly string[];
  /** The body is meant to be no JSON. */
  readonly malformed?: true;
}

export interface VectorResponse {
  /** Absent where the document tells only the status. */
  readonly version?: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body: string | null;
  readonly bodyBase64?: string;
  /** What the body is, where the document does not show it. */
  readonly bodyDescription?: string;
  /** Regular expressions that the body matches one after another, where the document shows only parts of it. */
  readonly patterns?: readonly string[];
  /** Opaque values that this answer binds, or repeats. */
  readonly placeholders?: readonly string[];
}

/** What is signed of a request by OAuth, and with what. */
export interface OAuthSignature {
  readonly signatureMethod: string;
  readonly key?: string;
  readonly baseString?: string;
  readonly signature: string;
  /** Whether the request carries the right signature. */
  readonly valid: boolean;
}

export interface Step {
  /** Epoch milliseconds of the server's clock from this request on. */
  readonly clockMs?: number;
  readonly scheme?: 'http' | 'https';
  readonly request: VectorRequest;
  readonly response: VectorResponse;
  readonly oauth?: OAuthSignature;
}

export interface Exchange {
  readonly id: string;
  readonly title: string;
  /** What the document says before it, for people; it may name the vectors that it follows. */
  readonly given?: string;
  /** The vectors that have run before this one, where it does not start from the world of the setup. */
  readonly beforeState?: { readonly runs?: readonly string[] };
  readonly steps: readonly Step[];
}

/** A signature of OAuth by itself. */
export interface SignatureVector {
  readonly id: string;
  readonly title: string;
  readonly method: string;
  readonly url: string;
  /** Those of the query, of the form and of OAuth, decoded. */
  readonly params: readonly (readonly [name: string, value: string])[];
  readonly baseString: string;
  readonly key: string;
  readonly signature: string;
}

export interface VectorFile {
  /** The file's name without its ending. */
  readonly name: string;
  readonly setup: Setup;
  readonly exchanges: readonly Exchange[];
  readonly signatures: readonly SignatureVector[];
}

type Entry = { readonly id: string; readonly kind: string };

/** Entries that tell something and exchange nothing. */
const tellingKinds: ReadonlySet<string> = new Set(['jwt', 'note']);

/** Every vector file of a folder. */
export function readVectorFiles(folder: URL): VectorFile[] {
  const path = fileURLToPath(folder);
  const files = globSync('*.json', { cwd: path }).sort();
  if (files.length === 0) throw new Error(`no vectors in ${path}`);
  return files.map((file) => parseVectors(basename(file, '.json'), readFileSync(join(path, file), 'utf8')));
}

/** The vectors of one file. Fails for what nothing here can run, so that no vector is left out unseen. */
export function parseVectors(name: string, json: string): VectorFile {
  const [setup, ...entries] = JSON.parse(json) as [Entry & Setup, ...Entry[]];
  if (setup?.kind !== 'setup') throw new Error(`${name}: the first entry is not the setup`);
  const exchanges = entries.filter(({ kind }) => kind === 'exchange') as unknown as Exchange[];
  const signatures = entries.filter(({ kind }) => kind === 'signature') as unknown as SignatureVector[];
  for (const { id, kind } of entries)
    if (kind !== 'exchange' && kind !== 'signature' && !tellingKinds.has(kind))
      throw new Error(`${name}: nothing runs ${id}, which is of the kind ${kind}`);
  for (const exchange of exchanges) refuseUnknown(name, exchange);
  return { name, setup, exchanges, signatures };
}

function refuseUnknown(name: string, exchange: Exchange): void {
  const { id, beforeState = {} } = exchange;
  if ('afterState' in exchange || Object.keys(beforeState).some((key) => key !== 'runs'))
    throw new Error(`${name}: ${id} tells what is stored, which nothing here puts or checks`);
}

/** The value of a header, whatever the case of its name. */
export function headerOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
}

/** A media type without its parameters. */
export function mediaType(headers: readonly Header[]): string {
  return (headerOf(headers, 'content-type') ?? '').split(';')[0]!.trim().toLowerCase();
}

/** A text of a target in plain characters, where its escapes are UTF-8. */
export function percentDecoded(text: string): string {
  return text.replace(/(%[0-9a-f]{2})+/gi, (part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

/** The bytes of a body as the document shows it: not compressed. */
export function bodyBytes({ body, bodyBase64 }: Pick<VectorResponse, 'body' | 'bodyBase64'>): Buffer {
  return body === null && bodyBase64 !== undefined ? Buffer.from(bodyBase64, 'base64') : Buffer.from(body ?? '');
}
