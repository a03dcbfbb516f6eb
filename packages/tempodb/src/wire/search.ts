/** What a query string is made of; lists repeat their parameter, and what is `undefined` is left out. */
export type SearchFields = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export function searchOf(fields: SearchFields): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value ?? []].flat()) search.append(name, String(each));
  }
  return search;
}

/** The parameters of attributes in a filter (section 4.3), as fields of a query string. */
export function attributeFields(attributes: Readonly<Record<string, string>> | undefined): SearchFields {
  return Object.fromEntries(Object.entries(attributes ?? {}).map(([name, value]) => [`attr[${name}]`, value]));
}
