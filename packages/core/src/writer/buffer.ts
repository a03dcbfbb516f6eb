import { plainBytes } from '../write/memory-bytes.ts';

/** What is held from admission to the end, and how much more may be. One object, because every point touches it. */
export interface Buffer {
  readonly maxPoints: number;
  readonly maxBytes: number;
  points: number;
  /** Bytes beside those of plain rows. */
  extraBytes: number;
  /** So many plain points may be admitted without asking further; 0 while admission is shut for any reason. */
  room: number;
}

export function createBuffer(maxPoints: number, maxBytes: number): Buffer {
  return { maxPoints, maxBytes, points: 0, extraBytes: 0, room: 0 };
}

export function bytesHeld({ points, extraBytes }: Buffer): number {
  return points * plainBytes + extraBytes;
}

/** How many plain points fit. */
export function freePoints(buffer: Buffer): number {
  const byBytes = Math.floor((buffer.maxBytes - bytesHeld(buffer)) / plainBytes);
  return Math.max(0, Math.min(buffer.maxPoints - buffer.points, byBytes));
}

/** Whether so many points with so many extra bytes fit. */
export function fits(buffer: Buffer, points: number, extraBytes: number): boolean {
  return buffer.points + points <= buffer.maxPoints && bytesHeld(buffer) + points * plainBytes + extraBytes <= buffer.maxBytes;
}

/** Who waits is let in again only when a fifth is free, so that they come in crowds and not one by one. */
const lowWater = 0.8;

export function isBelowLowWater(buffer: Buffer): boolean {
  return buffer.points < buffer.maxPoints * lowWater && bytesHeld(buffer) < buffer.maxBytes * lowWater;
}
