import { type Subject, wrapSink } from '@anyseries/conformance';
import { mirror, storeCapabilities } from '@anyseries/core';
import { connect } from '@anyseries/memory';
import { writerSink } from './writer-sink.ts';

const memory: Subject = {
  name: 'memory',
  capabilities: storeCapabilities,
  store: true,
  connect: ({ clock }) => connect({ clock }),
};

/** What the conformance suite tests of this package: the store, and core's `mirror` and writer over it. */
export const subjects: Readonly<Record<string, Subject>> = {
  memory,
  writer: wrapSink(memory, 'writer over memory', (provider, { clock }) => writerSink(provider, clock)),
  mirror: wrapSink(memory, 'mirror of two memories', (provider, { clock }) => mirror(provider, connect({ clock }))),
};
