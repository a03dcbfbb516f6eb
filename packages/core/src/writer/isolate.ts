import { halve, pick } from '../write/cut.ts';
import { createPiece, type Piece } from './batch.ts';
import type { Rows } from './lanes.ts';

/** What is known of a piece that was split because of bad points, by its place in the search. */
export interface Isolation {
  /** - `first` the first half of all · `part` a half of anything · `probe` a point to try alone · `rest` all but the probes */
  readonly role: 'first' | 'part' | 'probe' | 'rest';
  readonly search: Search;
  /** The other half, behind this one. */
  readonly sibling?: Piece | undefined;
}

/** The search for the bad points of one piece. */
interface Search {
  readonly whole: Rows;
  /** Requests so far, the first one included. */
  requests: number;
  refusedProbes: number;
  /** Halves that are known to hold a bad point, because the whole was refused and the other half was not: they are split unsent. */
  readonly suspects: Set<Piece>;
}

/** What to do with a piece that was refused because of bad points. */
export type Step =
  | {
      readonly kind: 'split';
      readonly into: readonly Piece[] /** How many pieces behind it are replaced as well. */;
      readonly also: number;
    }
  | { readonly kind: 'reject'; readonly reason: 'refused' | 'unisolated' | 'uniform' };

/** Smaller pieces are halved without trying whether everything is bad. */
const smallest = 8;
const probeCount = 3;
/** The most requests for one piece. */
const maxRequests = 64;

/** Finds bad points by halving, with bounds on what the search may cost. */
export interface Isolator {
  /** To be told of every request that was answered for good. */
  answered(piece: Piece): void;
  /** What to do with a piece before it is sent; `undefined`: send it. `behind` are the pieces of its batch that come after it. */
  beforeSending(piece: Piece, behind: readonly Piece[]): Step | undefined;
  refused(piece: Piece, behind: readonly Piece[]): Step;
  accepted(piece: Piece): void;
}

/** `isOrdered`: the points of several series must not overtake each other either. */
export function createIsolator(isOrdered: boolean): Isolator {
  const budget = createBudget();

  function isAffordable(search: Search, behind: readonly Piece[]): boolean {
    const pending = behind.filter(({ isolation }) => isolation?.search === search).length;
    return search.requests + pending + 2 <= maxRequests && budget.allows();
  }

  function split(piece: Piece, search: Search, first: 'first' | 'part', behind: readonly Piece[]): Step {
    if (!isAffordable(search, behind)) return { kind: 'reject', reason: 'unisolated' };
    const [before, after] = halve(piece);
    const sibling = createPiece(after, piece, { role: 'part', search });
    return { kind: 'split', also: 0, into: [createPiece(before, piece, { role: first, search, sibling }), sibling] };
  }

  /** Tries three points alone: where all of them are refused and so is the rest, everything is bad. No point overtakes an earlier one of its series. */
  function probe(piece: Piece, search: Search): Step {
    const { whole } = search;
    const rows = probeRows(whole, isOrdered);
    const probes = rows.map((row) => createPiece(pick(whole, [row]), piece, { role: 'probe', search }));
    const others = Array.from({ length: whole.batch.length }, (_, row) => row).filter((row) => !rows.includes(row));
    return { kind: 'split', also: 1, into: [...probes, createPiece(pick(whole, others), piece, { role: 'rest', search })] };
  }

  return {
    answered({ isolation }) {
      budget.spend(isolation !== undefined);
      if (isolation !== undefined) isolation.search.requests++;
    },
    beforeSending(piece, behind) {
      const { isolation } = piece;
      if (isolation === undefined || piece.batch.length === 1) return undefined;
      const { role, search } = isolation;
      const isPointless = search.suspects.delete(piece) || (role === 'rest' && search.refusedProbes < probeCount);
      return isPointless ? split(piece, search, 'part', behind) : undefined;
    },
    refused(piece, behind) {
      const { isolation } = piece;
      if (piece.batch.length === 1) {
        if (isolation?.role === 'probe') isolation.search.refusedProbes++;
        return { kind: 'reject', reason: 'refused' };
      }
      if (isolation === undefined) {
        return split(piece, { whole: piece, requests: 1, refusedProbes: 0, suspects: new Set() }, 'first', behind);
      }
      const { role, search, sibling } = isolation;
      if (role === 'rest') return { kind: 'reject', reason: 'uniform' };
      if (role === 'first' && search.whole.batch.length > smallest && behind[0] === sibling && isAffordable(search, behind))
        return probe(piece, search);
      return split(piece, search, 'part', behind);
    },
    accepted({ isolation }) {
      if (isolation?.sibling !== undefined) isolation.search.suspects.add(isolation.sibling);
    },
  };
}

/** The first point of each of three series; where there are fewer, or all are in one order, the first points. */
function probeRows({ batch }: Rows, isOrdered: boolean): readonly number[] {
  const first = new Map<number, number>();
  if (!isOrdered) for (let row = batch.length - 1; row >= 0; row--) first.set(batch.series[row]!, row);
  if (first.size < probeCount) return Array.from({ length: probeCount }, (_, row) => row);
  const rows = [...first.values()].sort((a, b) => a - b);
  return [rows[0]!, rows[rows.length >> 1]!, rows.at(-1)!];
}

interface Budget {
  spend(isSearching: boolean): void;
  allows(): boolean;
}

const recentRequests = 1024;
const alwaysAllowed = 64;
const mostOfRecent = 0.25;

/** Of the recent requests, a quarter at most may search for bad points; a first few always may. */
function createBudget(): Budget {
  let all = 0;
  let searching = 0;
  return {
    spend(isSearching) {
      all++;
      if (isSearching) searching++;
      if (all < recentRequests) return;
      all /= 2;
      searching /= 2;
    },
    allows: () => searching < Math.max(alwaysAllowed, all * mostOfRecent),
  };
}
