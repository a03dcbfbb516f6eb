/** Ends a request with an answer that says what is wrong, in one line. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

const oauthChallenge = 'OAuth realm=""';
// urllib2 of Python 2 looks at the last one only
const bothChallenges = `${oauthChallenge}, Basic realm="Timetric API"`;

/** A 401 to a request that tried OAuth ("Failures" of the protocol document). */
export function oauthRefusal(message: string): Refusal {
  return new Refusal(401, message, { 'www-authenticate': oauthChallenge });
}

/** A 401 to a request that tried an API token, or nothing. */
export function basicRefusal(message: string): Refusal {
  return new Refusal(401, message, { 'www-authenticate': bothChallenges });
}

/** The parameters that there have to be are not there. */
export const parameterProblem = 'Invalid request parameters.';

export function badRequest(message: string): Refusal {
  return new Refusal(400, message);
}

export function noSuchSeries(): Refusal {
  return new Refusal(404, 'No such series.');
}
