import type { Value } from '@anyseries/core';
import * as z from 'zod/mini';
import { parseDate, parseTime, type TimeFormat } from './time.ts';

/** `device_id` as `deviceId`. */
type Camel<Name extends string> = Name extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : Name;
type Camelized<T> = { readonly [Name in keyof T as Camel<Name & string>]: T[Name] };

/** An object whose own names, not those of what it holds, go from `snake_case` to `camelCase`. */
function resource<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const renamed = (members: z.output<z.ZodMiniObject<Shape>>) =>
    Object.fromEntries(Object.entries(members).map(([name, member]) => [camelCase(name), member])) as Camelized<typeof members>;
  return z.pipe(z.object(shape), z.transform(renamed));
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The members of a request's body, `snake_case`; what is `undefined` is left out. */
export function snakeCased(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named = Object.entries(members).map(([name, member]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), member]);
  return Object.fromEntries(named.filter(([, member]) => member !== undefined));
}

/** Epoch milliseconds of a date in any spelling; one that is none does not spoil the rest. */
const date = z.pipe(
  z.string(),
  z.transform((text) => parseDate(text) ?? Number.NaN),
);
const id = z.int();
const text = z.optional(z.string());
const flag = z._default(z.boolean(), false);

/** Section 3.2 to 3.5. */
export const tokenAnswer = resource({
  token: z.string(),
  expires: date,
  created: z.optional(date),
  user_id: z.optional(id),
  project_id: z.optional(id),
  read: flag,
  write: flag,
  admin: flag,
});

/** Section 4.3. */
export const deviceAnswer = resource({
  device_id: z.string(),
  project_id: z.optional(id),
  device_name: text,
  device_type: text,
  created: z.optional(date),
});
export const deviceListAnswer = z.object({ devices: z.array(deviceAnswer) });

/** Section 4.2. */
export const timestampAnswer = z.object({ server_timestamp: z.unknown() });

/** Section 4.5: points are checked one by one as they are read. */
export const exportAnswer = z.object({
  result: z.array(
    z.object({
      project_id: z.optional(id),
      device_id: z.string(),
      name: z.string(),
      data: z.array(z.object({ time: z.unknown(), value: z.unknown() })),
    }),
  ),
  timefmt: text,
});

/** Section 4.6. */
export const dataAnswer = z.object({
  result: z.array(z.object({ fields: z.array(z.string()), values: z.array(z.array(z.unknown())) })),
});

/** Section 4.7. The name was called `name` at first. */
export const namespaceAnswer = z.pipe(
  z.object({
    namespace_id: id,
    project_id: z.optional(id),
    namespace_name: text,
    name: text,
    partitioning_field: z.string(),
    created: z.optional(date),
    last_modified: z.optional(date),
    fields: z.record(z.string(), z.string()),
    labels: z._default(z.nullable(z.record(z.string(), z.unknown())), {}),
  }),
  z.transform(({ namespace_id, project_id, namespace_name, name, partitioning_field, created, last_modified, fields, labels }) => ({
    namespaceId: namespace_id,
    projectId: project_id,
    namespaceName: namespace_name ?? name ?? '',
    partitioningField: partitioning_field,
    created,
    lastModified: last_modified,
    fields,
    labels: labels ?? {},
  })),
);
export const namespaceListAnswer = z.object({ namespaces: z.array(namespaceAnswer) });

/** Section 4.8. */
const holders = z._default(
  z.pipe(
    z.array(z.object({ user_id: id })),
    z.transform((list) => list.map(({ user_id }) => user_id)),
  ),
  [],
);
const permissionLists = z.object({ read: holders, write: holders, admin: holders });
export const permissionsAnswer = z.object({ permissions: permissionLists });
export const projectAnswer = resource({
  project_id: id,
  project_name: z.string(),
  created: z.optional(date),
  permissions: z.optional(permissionLists),
});
export const projectListAnswer = z.object({
  projects: z.array(
    resource({
      project_id: id,
      project_name: z.string(),
      created: z.optional(date),
      permissions: z.object({ read: flag, write: flag, admin: flag }),
    }),
  ),
});
export const userAnswer = resource({
  user_id: id,
  username: text,
  email: text,
  first_name: text,
  last_name: text,
  url: text,
  company_name: text,
});
export const userListAnswer = z.object({ users: z.array(userAnswer) });

/** Section 4.9. */
export const triggerAnswer = resource({
  trigger_id: id,
  project_id: z.optional(id),
  namespace: text,
  trigger_name: z.string(),
  data_expiry: z._default(z.number(), 0),
  fire_when: text,
  release_when: text,
  actions: z._default(
    z.array(resource({ type: z.string(), min_delay: z._default(z.number(), 0), args: z._default(z.record(z.string(), z.unknown()), {}) })),
    [],
  ),
});
export const triggerListAnswer = z.object({ triggers: z.array(triggerAnswer) });

const checksum = z.object({ alg: z.string(), sum: z.string() });
export const appAnswer = resource({
  app_id: id,
  app_name: z.string(),
  project_id: z.optional(id),
  bundle: z.optional(z.object({ checksum, type: z.string(), uri: z.string() })),
  created: z.optional(date),
  last_modified: z.optional(date),
  requested_status: text,
  current_status: text,
  error: text,
});
export const appListAnswer = z.object({ apps: z.array(appAnswer) });
export const fileAnswer = resource({ file_name: z.string(), created: z.optional(date), checksum });
export const fileListAnswer = z.object({ files: z.array(fileAnswer) });

/** A point of an answer; `undefined` where it is none. */
export function readPoint(
  point: { readonly time?: unknown; readonly value?: unknown },
  format: TimeFormat,
): { time: number; value: Value } | undefined {
  const time = parseTime(point.time, format);
  const value = point.value;
  return time !== undefined && isValue(value) ? { time, value } : undefined;
}

function isValue(json: unknown): json is Value {
  return typeof json === 'number' || typeof json === 'string' || typeof json === 'boolean' || typeof json === 'bigint';
}
