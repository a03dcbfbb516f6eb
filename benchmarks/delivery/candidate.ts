import { HOSTS, T0 } from './imported/gen.mjs';

/** One way to deliver the points of `imported/gen.mjs`. */
export interface Candidate {
  /** Sends all points: what is timed. Resolves when all are acknowledged. */
  deliver(): Promise<void>;
  close(): Promise<void>;
}

/** Sets up what the timing leaves out. */
export type Open = () => Promise<Candidate> | Candidate;

export const hostOf = (i: number): string => HOSTS[i % HOSTS.length]!;
export const timeOf = (i: number): number => T0 + i * 1000;
