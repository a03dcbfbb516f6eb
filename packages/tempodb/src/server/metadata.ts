/** What is known of a series beside its points, in the order in which it came. */
export interface Metadata {
  readonly tags: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

export const noMetadata: Metadata = { tags: [], attributes: {} };

/**
 * What the service makes of a key when a series comes into being (section 4.4): the parts between dots, but for the last one, which names the
 * measurement. `a:b` is an attribute, anything else a tag.
 */
export function metadataOfKey(key: string): Metadata {
  const tags = new Set<string>();
  const attributes = new Map<string, string>();
  for (const part of key.split('.').slice(0, -1)) {
    const colon = part.indexOf(':');
    const [name, value] = colon < 0 ? ['', ''] : [part.slice(0, colon), part.slice(colon + 1)];
    if (colon < 0 && part.trim() !== '') tags.add(part);
    if (name.trim() !== '' && value.trim() !== '') attributes.set(name, value);
  }
  return { tags: [...tags], attributes: Object.fromEntries(attributes) };
}

/** What was made of a key with what was given: the latter comes after, and wins. */
export function mergeMetadata(made: Metadata, given: Metadata): Metadata {
  return { tags: [...new Set([...made.tags, ...given.tags])], attributes: { ...made.attributes, ...given.attributes } };
}

/** What is stored, in the order that was noted as far as it still holds. */
export function inNotedOrder(stored: Metadata, tags: readonly string[] = [], attributes: readonly string[] = []): Metadata {
  const names = new Set([...attributes.filter((name) => Object.hasOwn(stored.attributes, name)), ...Object.keys(stored.attributes)]);
  return {
    tags: [...new Set([...tags.filter((tag) => stored.tags.includes(tag)), ...stored.tags])],
    attributes: Object.fromEntries(Array.from(names, (name) => [name, stored.attributes[name]!])),
  };
}
