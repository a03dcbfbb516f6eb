import type { TimeInput } from '@anyseries/core';
import type { TimetricValue } from '../wire/value.ts';

export type { TimetricValue } from '../wire/value.ts';

/** A row of a series. */
export interface Row {
  /** Epoch milliseconds, exact to a microsecond. */
  readonly time: number;
  /** `null`: the row says that there is no value. */
  readonly value: TimetricValue;
}

/** A row to be written. Times are absolute: a number is epoch milliseconds, a text names its zone or is a date in UTC. */
export type RowInput = readonly [time: TimeInput, value: TimetricValue] | { readonly time: TimeInput; readonly value: TimetricValue };

/** Rows, or CSV: a text, a file or any other `Blob`, or a stream of bytes or texts. */
export type Data = string | Blob | ReadableStream<Uint8Array | string> | Iterable<RowInput> | AsyncIterable<RowInput | string | Uint8Array>;

/** What a series is made with. */
export interface SeriesFields {
  /** A short title. */
  readonly title: string;
  /** One line about it. */
  readonly caption: string;
  readonly tags?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  /** Whether everybody may read it; default `false`. */
  readonly public?: boolean | undefined;
  /** Further parameters, by name. */
  readonly more?: Readonly<Record<string, string>> | undefined;
  readonly data?: Data | undefined;
}

/** What is looked for; all of it must fit. */
export interface SearchQuery {
  /** Words in title, caption, description and tags. */
  readonly text?: string | undefined;
  /** The name of the owner; `me` is who asks. */
  readonly user?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Results per page; the service's default is 20. */
  readonly pageSize?: number | undefined;
  /** From 1. */
  readonly page?: number | undefined;
}

/** A series that was found. Beyond its id and title a service may tell more or less. */
export interface FoundSeries {
  readonly id: string;
  readonly title: string;
  readonly caption?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly owner?: string;
  readonly public?: boolean;
}

export interface SearchResult {
  /** How many there are on all pages, where the service tells. */
  readonly total?: number;
  readonly series: readonly FoundSeries[];
}

/** A request token: what a user is asked to approve. Keep it until the access token is there. */
export interface RequestToken {
  readonly key: string;
  readonly secret: string;
  /** `1.0`: the service does not know 1.0a; there is no verifier, and the callback goes on the address that the user opens. */
  readonly version: '1.0' | '1.0a';
  /** Where the user is sent after the answer; `oob`: nowhere. */
  readonly callback: string;
}

export interface RequestTokenOptions {
  /** Where the user is sent after the answer. Default `oob`: the user copies a verifier. */
  readonly callback?: string | undefined;
  /** `1.0` asks for a token of the old kind, which a service may refuse. Default `1.0a`, and what the service makes of it. */
  readonly version?: '1.0' | '1.0a' | undefined;
  readonly scope?: string | undefined;
}

/** An access token, which does not expire; a user can revoke it. */
export interface AccessToken {
  readonly key: string;
  readonly secret: string;
}
