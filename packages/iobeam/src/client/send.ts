import { type CallOptions, isAnySeriesError } from '@anyseries/core';
import type { Call } from './call.ts';
import type { OwnDevice } from './device.ts';
import { importBody } from './import-calls.ts';
import type { SendResult, SentPoint } from './model.ts';
import type { Outbox, Part } from './outbox.ts';

export interface SendMethods {
  /**
   * Sends everything that waits, and tells of each value what became of it. What is not stored waits on, and is sent again the next time: the
   * service keeps one value for a time, so that nothing is doubled. Does not fail for what the service or the network does; the errors are in the
   * result.
   *
   * @throws AnySeriesError `invalid` where the client has no device, `closed`
   */
  send(options?: CallOptions): Promise<SendResult>;
}

/** Sends one after another, also when it is asked for several times at once. */
export function createSend(call: Call, outbox: Outbox, device: OwnDevice): SendMethods {
  let last: Promise<unknown> = Promise.resolve();
  return {
    send(options) {
      const result = last.then(() => sendAll(options));
      last = result.catch(() => {});
      return result;
    },
  };

  async function sendAll(options: CallOptions | undefined): Promise<SendResult> {
    const points: SentPoint[] = [];
    const errors: Error[] = [];
    const waiting = outbox.parts();
    const deviceId = waiting.length === 0 ? '' : await device.require();
    const settle = (part: Part, outcome: SentPoint['outcome']) => points.push(...part.points.map((point) => ({ ...point, outcome })));
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const failure = await sendPart(part, deviceId, options);
      if (failure === undefined) {
        settle(part, 'stored');
        part.remove();
        continue;
      }
      const smaller = smallerParts(part, failure);
      if (smaller.length > 1) {
        waiting.unshift(...smaller);
        continue;
      }
      errors.push(failure);
      if (isRefusal(failure)) {
        settle(part, 'refused');
        continue;
      }
      settle(part, isDoubtful(failure) ? 'unknown' : 'unsent');
      for (const rest of waiting.splice(0)) settle(rest, 'unsent');
    }
    const stored = points.filter(({ outcome }) => outcome === 'stored').length;
    const kept = points.length - stored;
    return { done: kept === 0, stored, kept, points, errors };
  }

  async function sendPart({ body }: Part, deviceId: string, options: CallOptions | undefined): Promise<Error | undefined> {
    const whole = { ...body, json: { device_id: deviceId, ...body.json } };
    try {
      await call(options, (session, context) => importBody(session, whole, 'usec', context));
      return undefined;
    } catch (error) {
      if (isAnySeriesError(error) && error.code !== 'closed') return error;
      throw error;
    }
  }
}

/** A request that is too large is halved; one that is refused goes series by series, so that one costs the others nothing. */
function smallerParts(part: Part, failure: Error): Part[] {
  if (codeOf(failure) === 'too-large') return part.halves();
  return isRefusal(failure) ? part.bySeries() : [part];
}

function isRefusal(failure: Error): boolean {
  return ['invalid', 'conflict', 'too-large'].includes(codeOf(failure) ?? '');
}

/** Whether the service may have stored what it did not confirm. */
function isDoubtful(failure: Error): boolean {
  if ('reason' in failure && failure.reason === 'unsent') return false;
  return ['unavailable', 'timeout', 'aborted', 'protocol'].includes(codeOf(failure) ?? '');
}

function codeOf(failure: Error): string | undefined {
  return isAnySeriesError(failure) ? failure.code : undefined;
}
