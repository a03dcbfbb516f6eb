// The clients as they were published have no types: each is a constructor, and methods that take a callback at the end.

declare module 'tempodb-1.0' {
  type Client = Readonly<Record<string, (...args: unknown[]) => unknown>>;
  const tempodb: { TempoDBClient: new (database: string, key: string, secret: string, options: object) => Client };
  export default tempodb;
}

declare module 'tempodb-0.3' {
  type Client = Readonly<Record<string, (...args: unknown[]) => unknown>>;
  const tempodb: { TempoDBClient: new (key: string, secret: string, options: object) => Client };
  export default tempodb;
}
