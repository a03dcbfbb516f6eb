import type { World } from '../../../tooling/vectors/run.ts';

/** A gateway as the vectors of TempoDB want it. */
export const world: World = {
  protocol: 'tempodb',
  credentials: ({ credentials }) => (credentials?.basic ?? []).map(({ user, password }) => ({ key: user, secret: password })),
  async arrange({ series = [] }, store) {
    for (const { id } of series) await store.putSeries({ key: id });
  },
  // the last page is told by their absence (section 4.14)
  absentUnlessShown: ['Link', 'Truncated'],
  // the number of a database is its server's own affair (section 4.11)
  normalizeText: (text) => text.replace(/\bdatabase id \d+\b/, 'database id N'),
};
