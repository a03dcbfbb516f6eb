import type { Clock } from '../clock.ts';
import type { SteadyTime } from './time.ts';

/** Many appointments, one timer. It keeps the process alive only while somebody waits for what it leads to. */
export interface Alarm {
  /** Calls back once at that time, by the alarm's own time; the answer cancels it. */
  at(time: number, callback: () => void): () => void;
  /** Somebody waits, until the answer is called. */
  hold(): () => void;
  /** Nothing calls back any more. */
  stop(): void;
}

interface Appointment {
  readonly time: number;
  readonly callback: () => void;
}

/** Timers of Node and browsers fire at once when they are asked for more. */
const longestTimerMs = 2 ** 31 - 1;

export function createAlarm(clock: Clock, { now, reach }: SteadyTime): Alarm {
  const appointments = new Set<Appointment>();
  let cancel: (() => void) | undefined;
  let armedFor = Number.POSITIVE_INFINITY;
  let holders = 0;

  /** A timer that comes too early is left: it arms the next one. */
  function arm(): void {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { time } of appointments) if (time < earliest) earliest = time;
    if (earliest >= armedFor) return;
    cancel?.();
    armedFor = earliest;
    const begun = now();
    const ms = Math.min(Math.max(earliest - begun, 0), longestTimerMs);
    cancel = clock.setTimer(() => ring(begun + ms), ms, { background: holders === 0 });
  }

  function ring(time: number): void {
    cancel = undefined;
    armedFor = Number.POSITIVE_INFINITY;
    reach(time);
    const due = [...appointments].filter((appointment) => appointment.time <= now()).sort((a, b) => a.time - b.time);
    for (const appointment of due) if (appointments.delete(appointment)) appointment.callback();
    arm();
  }

  return {
    at(time, callback) {
      if (time === Number.POSITIVE_INFINITY) return () => {};
      const appointment = { time, callback };
      appointments.add(appointment);
      arm();
      return () => {
        appointments.delete(appointment);
        if (appointments.size === 0) disarm();
      };
    },
    hold() {
      let isHeld = true;
      if (holders++ === 0) rearm();
      return () => {
        if (isHeld && --holders === 0) rearm();
        isHeld = false;
      };
    },
    stop() {
      appointments.clear();
      disarm();
    },
  };

  function rearm(): void {
    disarm();
    arm();
  }

  function disarm(): void {
    cancel?.();
    cancel = undefined;
    armedFor = Number.POSITIVE_INFINITY;
  }
}
