import { parseJson } from '@anyseries/core/http';
import { Refusal } from './refusal.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The body as JSON, whatever type it claims to have (section 2). In the charset that it names, else UTF-8. A comma before a closing bracket is
 * taken, because devices leave one.
 *
 * @param whenEmpty what an empty body stands for; left out, it is no JSON
 * @throws Refusal 400
 */
export async function readBody(request: Request, whenEmpty?: unknown): Promise<unknown> {
  let text: string;
  try {
    text = decoderOf(request.headers.get('content-type')).decode(await request.arrayBuffer());
  } catch {
    throw new Refusal(400, 'The body broke off or is not in its character set');
  }
  if (whenEmpty !== undefined && /^\s*$/.test(text)) return whenEmpty;
  try {
    return parseJson(text);
  } catch {
    return parseLeniently(text);
  }
}

function decoderOf(contentType: string | null): TextDecoder {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return utf8;
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return utf8;
  }
}

function parseLeniently(text: string): unknown {
  try {
    return parseJson(withoutTrailingCommas(text));
  } catch {
    throw new Refusal(400, 'Invalid JSON');
  }
}

const jsonString = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const trailingComma = /,\s*[\]}]/y;

function withoutTrailingCommas(text: string): string {
  let kept = '';
  let from = 0;
  for (let at = 0; at < text.length; ) {
    if (text[at] === '"') {
      jsonString.lastIndex = at;
      if (!jsonString.test(text)) return text;
      at = jsonString.lastIndex;
    } else {
      trailingComma.lastIndex = at;
      if (trailingComma.test(text)) {
        kept += text.slice(from, at);
        from = at + 1;
      }
      at++;
    }
  }
  return kept + text.slice(from);
}
