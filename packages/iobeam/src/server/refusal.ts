import { AnySeriesError } from '@anyseries/core';
import { type Fault, faultCodes } from '../wire/fault.ts';

/** Ends the handling of a request with an error answer (section 4.1). A store lets it through from inside a transaction. */
export class Refusal extends AnySeriesError {
  readonly fault: Fault;

  constructor(status: number, code: number, message: string, details?: string) {
    super('invalid', message);
    this.fault = { status, code, message, ...(details !== undefined && { details }) };
  }
}

/** A field of the body is missing or wrong. */
export function badField(message: string, details?: string): Refusal {
  return new Refusal(400, faultCodes.badField, message, details);
}

/** A parameter of the query, or a part of the path, is wrong. */
export function badParameter(message: string, details?: string): Refusal {
  return new Refusal(400, faultCodes.badParameter, message, details);
}

export function forbidden(message: string): Refusal {
  return new Refusal(403, faultCodes.forbidden, message);
}

export function notFound(what: string): Refusal {
  return new Refusal(404, faultCodes.notFound, `${what} not found`);
}

export function alreadyExists(message: string): Refusal {
  return new Refusal(422, faultCodes.exists, message);
}
