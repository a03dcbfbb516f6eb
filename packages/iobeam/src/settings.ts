import {
  checkObject,
  checkProviderSettings,
  invalid,
  type ProviderSettings,
  providerSettingNames,
  readCredential,
  readVariable,
  show,
  type TokenStore,
} from '@anyseries/core/provider';
import { homeDevice } from './series-address.ts';
import { isDeviceId } from './wire/names.ts';
import { decodeToken } from './wire/token.ts';

/** Settings of iobeam, beside those that every provider takes. */
export interface IobeamSettings extends ProviderSettings {
  /**
   * Where the service is: `iobeam://project:token@host:port/`, with TLS unless it ends in `?secure=false`, or an `https:` or `http:` address. A path
   * in it goes before `/v1`. Default: the variable `ANYSERIES_IOBEAM_URL`, then `https://api.iobeam.com`.
   */
  readonly url?: string | undefined;
  /** Default: that in the address, then the variable `IOBEAM_PROJECT_ID`, then what the token says. */
  readonly projectId?: number | undefined;
  /** The project token, for reading and writing. Default: that in the address, then the variable `IOBEAM_TOKEN`. */
  readonly token?: string | undefined;
  /** A token for reading alone. Default: the variable `IOBEAM_READ_TOKEN`, then `token`. */
  readonly readToken?: string | undefined;
  /** A token for writing alone. Default: the variable `IOBEAM_WRITE_TOKEN`, then `token`. */
  readonly writeToken?: string | undefined;
  /** Where refreshed tokens are kept for the next run. Default: in memory. */
  readonly tokenStore?: TokenStore | undefined;
  /** Sent with every request, beside the credentials. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The caller's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** For one attempt at a request, the answer included. Milliseconds, default 30,000. */
  readonly timeoutMs?: number | undefined;
}

/** Settings of the neutral provider. */
export interface IobeamProviderSettings extends IobeamSettings {
  /** The device of series whose key names none. Default: the variable `IOBEAM_DEVICE_ID`, then `anyseries`. */
  readonly deviceId?: string | undefined;
  /** Whether a device that the server does not know is registered, and its points sent again. Default true. */
  readonly registerDevices?: boolean | undefined;
}

/** Where the id of a device is kept: `textFile` of `@anyseries/core/node` is one. */
export interface DeviceStore {
  /** The text that was kept; `undefined` where there is none. */
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

/** Settings of the native client. */
export interface IobeamClientSettings extends IobeamSettings {
  /** A device that is registered already. It is kept in the device store, in place of what is there. */
  readonly deviceId?: string | undefined;
  /** Where the id of the device is kept. Default: in memory, as long as the client. */
  readonly deviceStore?: DeviceStore | undefined;
  /** For users and projects. Default: the variable `IOBEAM_USER_TOKEN`, then a log-in by name and password. */
  readonly userToken?: string | undefined;
  /** An e-mail address or a user name. Default: the variable `IOBEAM_USER`. */
  readonly user?: string | undefined;
  /** Default: the variable `IOBEAM_PASSWORD`. */
  readonly password?: string | undefined;
}

/** What a token is needed for. */
export type TokenUse = 'read' | 'write';

/** Settings with everything that the environment adds. */
export interface Connection {
  /** `https://api.iobeam.com` */
  readonly origin: string;
  /** The path in front of `/v1`, without a slash at its end; mostly empty. */
  readonly prefix: string;
  /** @throws AnySeriesError `unauthenticated` that names the setting and the variable */
  tokenFor(use: TokenUse): string;
  /** @throws AnySeriesError `invalid` where neither the settings nor the token tell it */
  projectId(use: TokenUse): number;
  readonly tokenStore: TokenStore | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly timeoutMs: number;
  readonly provider: ProviderSettings;
}

/** Settings whose every part is checked; variables are read later. */
export interface CheckedSettings {
  readonly provider: ProviderSettings;
  /** Reads the variables. @throws AnySeriesError `invalid` that names the setting or the variable */
  connection(): Connection;
}

export interface CheckedProviderSettings extends CheckedSettings {
  /** @throws AnySeriesError `invalid` that names the variable */
  deviceId(): string;
  readonly registerDevices: boolean;
}

export interface CheckedClientSettings extends CheckedSettings {
  readonly deviceId: string | undefined;
  readonly deviceStore: DeviceStore | undefined;
  userToken(): string | undefined;
  /** @throws AnySeriesError `unauthenticated` that names the setting and the variable */
  logIn(): LogIn;
}

export interface LogIn {
  readonly name: string;
  readonly password: string;
}

interface Address {
  readonly origin: string;
  readonly prefix: string;
  readonly project: string | undefined;
  readonly token: string | undefined;
}

const names = [
  'url',
  'projectId',
  'token',
  'readToken',
  'writeToken',
  'tokenStore',
  'headers',
  'fetch',
  'timeoutMs',
  ...providerSettingNames,
];

/** @throws AnySeriesError `invalid` that names the setting, and never shows an address or a token */
export function checkProviderConnection(given: string | IobeamProviderSettings = {}): CheckedProviderSettings {
  const settings = toObject(given, ['deviceId', 'registerDevices']);
  const { deviceId, registerDevices = true } = settings;
  if (deviceId !== undefined) checkDeviceId(deviceId, 'deviceId');
  if (typeof registerDevices !== 'boolean') throw invalid('registerDevices', `${show(registerDevices)} is no boolean`);
  return {
    ...checkShared(settings),
    registerDevices,
    deviceId: () => deviceId ?? checkDeviceId(readVariable('IOBEAM_DEVICE_ID') ?? homeDevice, 'IOBEAM_DEVICE_ID'),
  };
}

/** @throws AnySeriesError `invalid` that names the setting, and never shows an address, a token or a password */
export function checkClientSettings(given: string | IobeamClientSettings = {}): CheckedClientSettings {
  const settings = toObject(given, ['deviceId', 'deviceStore', 'userToken', 'user', 'password']);
  const { deviceId, deviceStore, userToken, user, password } = settings;
  if (deviceId !== undefined) checkDeviceId(deviceId, 'deviceId');
  if (deviceStore !== undefined) checkMethods(deviceStore, ['read', 'write'], 'deviceStore');
  return {
    ...checkShared(settings),
    deviceId,
    deviceStore,
    userToken: () => userToken || readVariable('IOBEAM_USER_TOKEN'),
    logIn: () => ({
      name: readCredential(user, { setting: 'user', variable: 'IOBEAM_USER' }),
      password: readCredential(password, { setting: 'password', variable: 'IOBEAM_PASSWORD' }),
    }),
  };
}

function toObject<S extends IobeamSettings>(given: string | S, more: readonly string[]): S {
  return checkObject(typeof given === 'string' ? { url: given } : given, [...names, ...more], 'settings') as unknown as S;
}

function checkShared(settings: IobeamSettings): CheckedSettings {
  const { url, projectId, tokenStore, fetch, timeoutMs = 30_000 } = settings;
  const told = url === undefined || url === '' ? undefined : readAddress(url, 'url');
  if (projectId !== undefined && !isProjectId(projectId)) throw invalid('projectId', `${show(projectId)} is no whole number above 0`);
  if (tokenStore !== undefined) checkMethods(tokenStore, ['load', 'save', 'delete'], 'tokenStore');
  const headers = checkHeaders(settings.headers ?? {});
  if (fetch !== undefined && typeof fetch !== 'function') throw invalid('fetch', `${show(fetch)} is no function`);
  if (!(timeoutMs > 0 && timeoutMs <= 0x7fffffff)) throw invalid('timeoutMs', `${show(timeoutMs)} is no positive number of milliseconds`);
  const provider = checkProviderSettings(settings);
  return {
    provider,
    connection() {
      const { origin, prefix, project, token } = told ?? addressFromEnvironment();
      const tokenFor = (use: TokenUse): string => {
        const own = settings[`${use}Token`] || readVariable(`IOBEAM_${use.toUpperCase()}_TOKEN`);
        return readCredential(own || settings.token || token, { setting: 'token', variable: 'IOBEAM_TOKEN' });
      };
      const toldProject = projectId ?? projectFrom(project ?? readVariable('IOBEAM_PROJECT_ID'));
      const projectFor = (use: TokenUse) => toldProject ?? claimedProject(tokenFor(use));
      return { origin, prefix, tokenFor, projectId: projectFor, tokenStore, headers, fetch, timeoutMs, provider };
    },
  };
}

function addressFromEnvironment(): Address {
  const whole = readVariable('ANYSERIES_IOBEAM_URL');
  return whole === undefined ? readAddress('https://api.iobeam.com', 'url') : readAddress(whole, 'ANYSERIES_IOBEAM_URL');
}

/** Reads an address of any of the three schemes. `field` is the setting or variable that holds it. */
function readAddress(text: unknown, field: string): Address {
  const form = "'iobeam://project:token@host:port/' or 'https://host/'";
  if (typeof text !== 'string' || !/^(iobeam|https?):\/\/[^/?#]/i.test(text) || !URL.canParse(text))
    throw invalid(field, `is no address such as ${form}`);
  const { protocol, searchParams, hash } = new URL(text);
  for (const name of searchParams.keys()) {
    if (protocol !== 'iobeam:' || name !== 'secure') throw invalid(field, `the parameter ${show(name)} means nothing in such an address`);
  }
  if (hash !== '') throw invalid(field, 'an address has no part behind #');
  const secure = protocol === 'iobeam:' ? isSecure(searchParams.get('secure') ?? 'true', field) : protocol === 'https:';
  // only as http or https are default ports left out and hosts normalised
  const plain = text.replace(/^\w+/, secure ? 'https' : 'http');
  if (!URL.canParse(plain)) throw invalid(field, `is no address such as ${form}`);
  const { origin, pathname, username, password } = new URL(plain);
  return {
    origin,
    prefix: pathname.replace(/\/+$/, '').replace(/\/v1$/, ''),
    project: decodePart(username, field),
    token: decodePart(password, field),
  };
}

function decodePart(part: string, field: string): string | undefined {
  try {
    return decodeURIComponent(part) || undefined;
  } catch {
    throw invalid(field, 'the token in the address has a % that is no escape: write %25 for a percent sign');
  }
}

function isSecure(text: string, field: string): boolean {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw invalid(field, `secure is ${show(text)}, neither 'true' nor 'false'`);
}

function projectFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const project = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (isProjectId(project)) return project;
  throw invalid('projectId', 'the address or IOBEAM_PROJECT_ID tells no whole number above 0');
}

/** What the token says; a service that knows better refuses it. */
function claimedProject(token: string): number {
  const project = decodeToken(token)?.claims.pid;
  if (isProjectId(project)) return project;
  throw invalid('projectId', 'is missing, and the token does not tell it: give the setting, or set the variable IOBEAM_PROJECT_ID');
}

export function isProjectId(project: unknown): project is number {
  return Number.isSafeInteger(project) && (project as number) > 0;
}

export function checkDeviceId(id: unknown, field: string): string {
  if (isDeviceId(id)) return id;
  throw invalid(field, `${show(id)} is no device id: 1 to 255 letters, digits, ':', '_' and '-', and not 'all'`);
}

function checkMethods(given: unknown, methods: readonly string[], field: string): void {
  const missing = methods.find((method) => typeof (given as Record<string, unknown> | null)?.[method] !== 'function');
  if (missing !== undefined) throw invalid(field, `${show(given)} has no ${missing}()`);
}

/** Headers by their names in lower case, so that those of a request replace them. */
function checkHeaders(headers: unknown): Readonly<Record<string, string>> {
  try {
    if (typeof headers === 'object' && headers !== null && !Array.isArray(headers))
      return Object.fromEntries(new Headers(headers as Record<string, string>));
  } catch {
    // a name or value that no header can have; it may be a secret and is not shown
  }
  throw invalid('headers', 'is no record of the names and values of headers');
}
