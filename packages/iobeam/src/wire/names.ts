/** What a device id is made of (section 4.3). `all` stands for every device in paths, and can name none. */
export function isDeviceId(id: unknown): id is string {
  return typeof id === 'string' && /^[A-Za-z0-9:_-]{1,255}$/.test(id) && id.toLowerCase() !== 'all';
}

const reservedNames: ReadonlySet<string> = new Set(['time', 'time_offset', 'all']);

/** Whether a name can be no series and no field, in whatever case (section 5.4). */
export function isReservedName(name: string): boolean {
  return reservedNames.has(name.toLowerCase());
}

/** The namespace of everything that names none, and what partitions it. */
export const inputNamespace = 'input';
export const deviceField = 'device_id';
