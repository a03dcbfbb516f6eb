import { type Subject, wrapSink } from '@anyseries/conformance';
import { mirror, storeCapabilities } from '@anyseries/core';
import { connect } from '@anyseries/memory';

const memory: Subject = {
  name: 'memory',
  capabilities: storeCapabilities,
  store: true,
  connect: ({ clock }) => connect({ clock }),
};

/** What the conformance suite tests of this package: the store, and core's `mirror` over two of them. */
export const subjects: Readonly<Record<string, Subject>> = {
  memory,
  mirror: wrapSink(memory, 'mirror of two memories', (provider, { clock }) => mirror(provider, connect({ clock }))),
};
