/** An answer other than success, thrown from wherever it is found out. Without a text it is empty. */
export class Refusal extends Error {
  readonly status: 400 | 403 | 404 | 409 | 422;

  constructor(status: Refusal['status'], text = '') {
    super(text);
    this.status = status;
  }
}

/** A query parameter that is missing or wrong. */
export function badParameter(name: string, text: string | undefined): Refusal {
  return new Refusal(400, text === undefined ? `Missing ${name}` : `Invalid ${name}: ${text.slice(0, 200)}`);
}
