import { checkObject, invalid, show } from '@anyseries/core/provider';
import type { MicrologClient } from '../client.ts';
import type { CheckedSettings } from '../settings.ts';
import { writeAnswer } from '../wire/answers.ts';
import type { Call } from './call.ts';
import { graphField, textField } from './fields.ts';

/** The call that sends datasets as they are. */
export function createWriteCalls(call: Call, { server }: CheckedSettings): Pick<MicrologClient, 'write'> {
  return {
    async write(datasets, options = {}) {
      const { idempotencyKey, ...callOptions } = options;
      const body = JSON.stringify(checkDatasets(datasets));
      if (datasets.length > 1 && server !== 'gateway')
        throw invalid('datasets', "several in one request end the process of an original server: send one, or set server: 'gateway'");
      const key = idempotencyKey === undefined ? {} : { idempotencyKey: textField(idempotencyKey, 'idempotencyKey') };
      return call(callOptions, async (service, context) => {
        const answer = await service.post(body, { ...key, idempotent: false }, context);
        if (!/^application\/json\b/i.test(answer.headers.get('content-type') ?? '')) return undefined;
        const { readJson } = await import('@anyseries/core/http');
        return (await readJson(answer, writeAnswer)).datasets as Awaited<ReturnType<MicrologClient['write']>>;
      });
    },
  };
}

function checkDatasets(datasets: unknown): unknown {
  if (!Array.isArray(datasets)) throw invalid('datasets', `${show(datasets)} is no list of datasets`);
  return datasets.map((dataset, place) => {
    const { graph, points } = checkObject(dataset, ['graph', 'points'], `datasets[${place}]`);
    if (!Array.isArray(points)) throw invalid(`datasets[${place}].points`, `${show(points)} is no list of points`);
    return {
      graph: graphField(graph, `datasets[${place}].graph`),
      points: points.map((point, index) => checkPoint(point, `datasets[${place}].points[${index}]`)),
    };
  });
}

function checkPoint(point: unknown, field: string): unknown {
  const { time, count, text } = checkObject(point, ['time', 'count', 'text'], field);
  for (const [name, value] of Object.entries({ time, count }))
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(`${field}.${name}`, `${show(value)} is no number`);
  return { time, count, ...(text === undefined ? {} : { text: textField(text, `${field}.text`) }) };
}
