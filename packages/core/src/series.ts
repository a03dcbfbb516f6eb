/** A series and what is known of it besides its points. */
export interface Series {
  /** The series key: 1 to 1,024 bytes of UTF-8 without U+0000. */
  readonly key: string;
  /** The backend's own id, where it has one. */
  readonly id?: string;
  /** A display name (TempoDB name, Timetric title, Microlog name). Not the name inside a canonical key. */
  readonly name?: string;
  /** Key-value pairs beside the key; may change without making another series. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Plain strings beside the key, each once, in code-point order. */
  readonly tags: readonly string[];
}

/** Metadata to put: it replaces what the series had before; what is left out is cleared. */
export interface SeriesInput {
  readonly key: string;
  readonly name?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** Selects series. All conditions must hold ("and"); an empty filter selects every series. */
export interface SeriesFilter {
  /** The key is one of these. */
  readonly keys?: readonly string[] | undefined;
  /** The name inside the canonical key, see `parseSeriesKey`. */
  readonly name?: string | undefined;
  /** The canonical key carries all of these labels. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** The series has all of these attributes. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** The series has all of these tags. */
  readonly tags?: readonly string[] | undefined;
}
