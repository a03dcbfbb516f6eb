import * as z from 'zod/mini';

/** What the service says, byte for byte; the misspelling is its own ("Resources and endpoints" of the protocol document). */
export const texts = {
  allGood: 'All good',
  graphNotFound: 'Graph not found',
  noToken: 'Error: no api token spplied',
  noUsername: 'Error: no username supplied',
  wrongCredentials: 'Error: invalid username-token pair',
  noGraphName: 'No graph name specified. Sadness.',
  noDatabase: 'Server does not have access to the database at this time. Try again later.',
  keyReused: 'Error: idempotency key reused',
  badParameter: (name: string) => `Error: bad parameter ${name}`,
} as const;

/** Announces the EXTENSION, which the original service never had, on every answer below `/graphs/api`. */
export const extensionHeader = 'Microlog-Extensions';
export const extensions = ['read/1', 'result/1', 'idempotency/1'] as const;

/** Whether an answer announces the whole extension. */
export function announcesExtension(header: string | null | undefined): boolean {
  const announced = (header ?? '').split(',').map((part) => part.trim());
  return extensions.every((extension) => announced.includes(extension));
}

const number = z.union([z.number(), z.bigint()]);

/** EXTENSION read/1: the graphs of an account. `series`: the key of the series of another protocol that the graph stands for. */
export const graphsAnswer = z.object({
  graphs: z.array(z.object({ id: z.string(), name: z.string(), type: z.string(), series: z.optional(z.string()) })),
});

/** EXTENSION read/1: points, by time and then as they arrived. */
export const pointsAnswer = z.object({
  graph: z.string(),
  name: z.string(),
  points: z.array(z.object({ time: z.number(), count: number, text: z.string() })),
  next: z.nullable(z.string()),
});

/** EXTENSION read/1: sums of the buckets that hold a point. */
export const sumsAnswer = z.object({
  graph: z.string(),
  name: z.string(),
  interval: z.number(),
  sums: z.array(z.object({ time: z.number(), sum: number, points: z.number() })),
});

/** EXTENSION result/1: what became of each dataset. `dropped`: the points that were not stored, by their place, where the others were. */
export const writeAnswer = z.object({
  ok: z.boolean(),
  datasets: z.array(
    z.object({
      graph: z.optional(z.unknown()),
      received: z.number(),
      stored: z.number(),
      error: z.optional(z.enum(['unknown_graph', 'bad_dataset'])),
      dropped: z.optional(z.array(z.number())),
    }),
  ),
});
