/** Ends the handling of a request with an answer; thrown where the way back is long. */
export class Refusal extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`status ${response.status}`);
    this.response = response;
  }
}
