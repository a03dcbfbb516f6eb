import type { Clock, Store } from '@anyseries/core';
import { createFieldRecords, type FieldRecords } from './field-records.ts';
import { createNamespaceRecords, type NamespaceRecords } from './namespace-records.ts';
import { createSeriesLookup, type SeriesLookup } from './series-lookup.ts';

/** A project's store, and what this protocol knows of it. */
export interface ProjectData {
  readonly store: Store;
  readonly namespaces: NamespaceRecords;
  readonly fields: FieldRecords;
  readonly lookup: SeriesLookup;
}

export function createProjectData(store: Store, clock: Clock): ProjectData {
  return {
    store,
    namespaces: createNamespaceRecords(store, clock),
    fields: createFieldRecords(store, clock),
    lookup: createSeriesLookup(store),
  };
}
