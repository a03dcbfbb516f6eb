import { checkObject, invalid, show } from '@anyseries/core/provider';

/** The part `settings.iobeam` of a gateway's configuration. */
export interface ServerSettings {
  /** The most values of one import, nulls included; default 1000. The first clients do not divide what they send. */
  readonly maxPoints: number;
  /** The most points of one answer; default 1,000,000. Who asks for more is told to ask for less. */
  readonly maxAnswerPoints: number;
  /** What becomes of a value that is of another type than its series: `refuse` the request (the default), or `store` it as it is. */
  readonly typeConflicts: 'refuse' | 'store';
  /** What becomes of points of a device that was never registered: `register` it (the default), or `refuse` the request. */
  readonly unknownDevices: 'register' | 'refuse';
  /** Who knows one of these may make a user; default: nobody may. */
  readonly invites: readonly string[];
  /** Numbers of users who have every permission in every project. */
  readonly admins: readonly number[];
}

const defaults: ServerSettings = {
  maxPoints: 1000,
  maxAnswerPoints: 1_000_000,
  typeConflicts: 'refuse',
  unknownDevices: 'register',
  invites: [],
  admins: [],
};

/** @throws AnySeriesError `invalid` that names the setting */
export function checkServerSettings(given: Readonly<Record<string, unknown>> = {}): ServerSettings {
  const field = 'settings.iobeam';
  const settings = { ...defaults, ...checkObject(given, Object.keys(defaults), field) };
  for (const name of ['maxPoints', 'maxAnswerPoints'] as const) {
    if (!(Number.isSafeInteger(settings[name]) && settings[name] > 0))
      throw invalid(`${field}.${name}`, `${show(settings[name])} is no whole number above 0`);
  }
  checkChoice(`${field}.typeConflicts`, settings.typeConflicts, ['refuse', 'store']);
  checkChoice(`${field}.unknownDevices`, settings.unknownDevices, ['register', 'refuse']);
  checkList(`${field}.invites`, settings.invites, (invite) => typeof invite === 'string' && invite !== '', 'texts');
  checkList(`${field}.admins`, settings.admins, (admin) => Number.isSafeInteger(admin), 'numbers of users');
  return settings;
}

function checkChoice(field: string, given: unknown, choices: readonly string[]): void {
  if (!choices.includes(given as string)) throw invalid(field, `${show(given)} is none of ${choices.join(', ')}`);
}

function checkList(field: string, given: unknown, isItem: (item: unknown) => boolean, what: string): void {
  if (!Array.isArray(given) || !given.every(isItem)) throw invalid(field, `is no list of ${what}`);
}
