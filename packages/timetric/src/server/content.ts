import { readAuthorization } from '../oauth/authorization-header.ts';
import type { Parameter } from '../oauth/base-string.ts';
import { readForm } from '../wire/form.ts';
import { badRequest, oauthRefusal } from './refusal.ts';

/** What a request says, from whichever carrier ("Where the parameters travel" of the protocol document). */
export interface Content {
  /** By name, decoded, without those of OAuth. One that stands in the query and in the body is one, and the body wins. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The parameters of OAuth, from header, query and form. */
  readonly oauth: readonly Parameter[];
  /** What is signed beside them, in the forms that clients are known to sign it in. */
  readonly signedParameters: readonly (readonly Parameter[])[];
  /** Data: a body of CSV, or the file part `csv`. */
  readonly csv: string | undefined;
  /** The body as it came. */
  readonly body: Uint8Array<ArrayBuffer>;
}

interface Body {
  readonly form: readonly Parameter[];
  /** The text parts of a multipart body. The standard leaves them out of signatures, the clients that were published sign them. */
  readonly parts: readonly Parameter[];
  readonly csv: string | undefined;
}

/** @throws Refusal 400 or 401 */
export async function readContent(request: Request, query: string): Promise<Content> {
  const header = readAuthorization(request.headers.get('authorization') ?? '');
  if (header === 'unreadable') throw oauthRefusal('Unable to parse OAuth parameters from Authorization header.');
  const body = new Uint8Array(await request.arrayBuffer());
  const { form, parts, csv } = await readBody(request, body);
  const fromQuery = readForm(query);
  const signed = [...fromQuery, ...form].filter(isPlain);
  return {
    parameters: new Map([...fromQuery, ...form, ...parts].filter(isPlain)),
    oauth: [...(header ?? []), ...[...fromQuery, ...form].filter((parameter) => !isPlain(parameter))],
    signedParameters: parts.length === 0 ? [signed] : [signed, [...signed, ...parts]],
    csv,
    body,
  };
}

function isPlain([name]: Parameter): boolean {
  return !name.startsWith('oauth_');
}

const nothing: Body = { form: [], parts: [], csv: undefined };

async function readBody({ method, headers }: Request, body: Uint8Array<ArrayBuffer>): Promise<Body> {
  const [, type = ''] = /^\s*([^\s;]*)/.exec(headers.get('content-type')?.toLowerCase() ?? '')!;
  if (type === 'multipart/form-data') return readMultipart(body, headers.get('content-type')!);
  // whatever it claims to be, what is put is data
  const csv = type === 'text/csv' || method === 'PUT' ? decode(body) : undefined;
  const isForm = type === 'application/x-www-form-urlencoded' || (type === '' && method === 'POST');
  return { ...nothing, form: isForm ? readForm(decode(body)) : [], csv };
}

async function readMultipart(body: Uint8Array<ArrayBuffer>, type: string): Promise<Body> {
  const parts: Parameter[] = [];
  let csv: string | undefined;
  let form: FormData;
  try {
    form = await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw badRequest('Cannot read the multipart body.');
  }
  for (const [name, value] of form) {
    if (typeof value === 'string') parts.push([name, value]);
    else if (name === 'csv') csv = decode(new Uint8Array(await value.arrayBuffer()));
  }
  return { ...nothing, parts, csv };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
