import { conformance, type Subject, wrapSink } from '@anyseries/conformance';
import { mirror, storeCapabilities } from '@anyseries/core';
import { connect } from '@anyseries/memory';
import { test } from 'vitest';

const memory: Subject = {
  name: 'memory',
  capabilities: storeCapabilities,
  store: true,
  connect: ({ clock }) => connect({ clock }),
};

conformance(test, memory, { report: new URL('../conformance.json', import.meta.url) });

conformance(
  test,
  wrapSink(memory, 'mirror of two memories', (provider, { clock }) => mirror(provider, connect({ clock }))),
);
