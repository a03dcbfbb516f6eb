import type { TicketKeeper } from './ticket.ts';

/** Points that were admitted at the same moment, for the same ticket if any: those with numbers from `first` up to the next cohort. */
export interface Cohort {
  readonly first: number;
  /** When they were admitted, by the writer's time. */
  readonly time: number;
  readonly ticket: TicketKeeper | undefined;
  /** The index of the first point within the ticket. */
  readonly ticketIndex: number;
  /** How many have had their end. */
  ended: number;
}

/** Numbers points in the order of their admission and knows, for each that has not had its end, when it came and with whom. */
export interface Cohorts {
  /** The number of the next point; the admission counts it up. */
  next: number;
  /** What is admitted from now on belongs together. */
  begin(time: number, ticket?: TicketKeeper, ticketIndex?: number): void;
  /** The one that the next point joins, if there is one with points that have not had their end. */
  current(): Cohort | undefined;
  /** The cohort of a point that has not had its end. */
  find(number: number): Cohort;
  /** Counts the ends of points, given by their numbers. */
  end(numbers: Float64Array, told: (cohort: Cohort, row: number, number: number) => void): void;
  /** Resolves when every point with a smaller number has had its end. */
  allEnded(before: number): Promise<void>;
  /** When the oldest point without an end was admitted. */
  oldestTime(): number | undefined;
}

interface Waiting {
  readonly before: number;
  readonly resolve: () => void;
}

export function createCohorts(): Cohorts {
  /** Those before `head` have ended; all of them, and there are none. */
  let open: Cohort[] = [];
  let head = 0;
  let waiting: Waiting[] = [];

  /** The number after the last one of a cohort. */
  const untilOf = (place: number) => open[place + 1]?.first ?? cohorts.next;

  function placeOf(number: number): number {
    let [low, high] = [head, open.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (open[middle]!.first <= number) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function forgetEnded(): void {
    while (head < open.length && open[head]!.first + open[head]!.ended === untilOf(head)) head++;
    if (head === open.length || (head >= 64 && head >= open.length / 2)) {
      open = open.slice(head);
      head = 0;
    }
    const ended = open[0] === undefined ? cohorts.next : open[head]!.first;
    if (waiting.length === 0) return;
    const done = waiting.filter(({ before }) => before <= ended);
    waiting = waiting.filter(({ before }) => before > ended);
    for (const { resolve } of done) resolve();
  }

  const cohorts: Cohorts = {
    next: 0,
    begin(time, ticket, ticketIndex = 0) {
      if (open.at(-1)?.first === cohorts.next) open.pop();
      open.push({ first: cohorts.next, time, ticket, ticketIndex, ended: 0 });
    },
    current: () => open.at(-1),
    find: (number) => open[placeOf(number)]!,
    end(numbers, told) {
      let cohort: Cohort | undefined;
      let until = 0;
      for (let row = 0; row < numbers.length; row++) {
        const number = numbers[row]!;
        if (cohort === undefined || number < cohort.first || number >= until) {
          const place = placeOf(number);
          cohort = open[place]!;
          until = untilOf(place);
        }
        cohort.ended++;
        if (cohort.ticket !== undefined) told(cohort, row, number);
      }
      forgetEnded();
    },
    allEnded(before) {
      return new Promise((resolve) => {
        waiting.push({ before, resolve });
        forgetEnded();
      });
    },
    oldestTime: () => open[head]?.time,
  };
  return cohorts;
}
