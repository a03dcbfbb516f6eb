import * as z from 'zod/mini';

/** GET /series/ID/value/json/ */
export const latestAnswer = z.object({
  timestamp: z.nullable(z.number()),
  value: z.nullable(z.union([z.number(), z.boolean()])),
});

const optionalText = z.optional(z.nullable(z.string()));

/** The answer to a search, in any of its forms; what the service knew beyond `name` and `title` is not sure. */
export const searchAnswer = z.object({
  total: z.optional(z.number()),
  results: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      caption: optionalText,
      description: optionalText,
      tags: z.optional(z.array(z.string())),
      owner: optionalText,
      public: z.optional(z.boolean()),
    }),
  ),
});

/** An extension of our own server: a search with everything that a provider keeps. */
export const fullSearchAnswer = z.object({
  total: z.number(),
  results: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      key: z.string(),
      attributes: z.record(z.string(), z.string()),
      tags: z.array(z.string()),
    }),
  ),
});

/** What our own server answers to creation, where a browser could not see a redirect. */
export const createdAnswer = z.object({ name: z.string() });
