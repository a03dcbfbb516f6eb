import { parseDuration } from '../wire/duration.ts';
import { faultCodes } from '../wire/fault.ts';
import { formatDate } from '../wire/time.ts';
import { type Permission, permissionBits, type TokenClaims } from '../wire/token.ts';
import { jsonAnswer } from './answer.ts';
import { type Call, parameter } from './call.ts';
import type { ServerContext } from './context.ts';
import { type Guard, noCredentials } from './guard.ts';
import { badField, badParameter, forbidden, notFound, Refusal } from './refusal.ts';
import type { Routes } from './router.ts';

/** How long a token lives unless somebody asks for another time. */
const defaultLifeMs = 30 * 86_400_000;
/** The last second that dates of tokens can tell: the end of the year 9999. */
const lastExpiry = 253_402_300_799;

/** Sections 3.3 to 3.5. */
export function tokenRoutes({ clock, users, projects, signer }: ServerContext, guard: Guard): Routes {
  return {
    'tokens/user': { GET: logIn },
    'tokens/project': { GET: issue, POST: refresh },
  };

  async function logIn(call: Call): Promise<Response> {
    const { name, password } = readLogIn(call);
    const user = await users.logIn(name, password);
    if (user === undefined) throw forbidden('Invalid username or password');
    return answerToken({ uid: user.id, exp: expiryAfter(defaultLifeMs) });
  }

  async function issue(call: Call): Promise<Response> {
    const user = await guard.user(call);
    const project = await projects.find(readProjectId(call));
    const life = readLife(call);
    const wanted = (['read', 'write', 'admin'] as const).map((permission) => [permission, readFlag(call, permission)] as const);
    const includesUser = readFlag(call, 'include_user') ?? true;
    const isRefreshable = readFlag(call, 'refreshable') ?? true;
    const device = parameter(call, 'device_id');
    if (project === undefined) throw notFound('Project');
    const held = guard.permissionsIn(project, user.id);
    if (held === 0) throw forbidden('Permission denied');
    return answerToken({
      uid: includesUser ? user.id : 0,
      pid: project.id,
      exp: expiryAfter(life),
      pms: grant(held, wanted),
      ...(device !== undefined && device !== '' && { did: device }),
      ...(!isRefreshable && { nrf: true }),
    });
  }

  async function refresh(call: Call): Promise<Response> {
    const { refresh_token: token } = await call.json();
    if (typeof token !== 'string' || token === '') throw badField('refresh_token is required');
    const proof = await guard.prove(token);
    if (proof?.kind !== 'project' || proof.claims.nrf === true) throw notRefreshed();
    const { uid = 0, did } = proof.claims;
    const pms = await permissionsLeft(proof.projectId, uid, proof.permissions);
    const device = did === undefined ? {} : { did };
    return answerToken({ uid, pid: proof.projectId, exp: expiryAfter(defaultLifeMs), pms, ...device });
  }

  /** A user who was shut out of a project in the meantime gets no further token for it. */
  async function permissionsLeft(projectId: number, userId: number, permissions: number): Promise<number> {
    const project = await projects.find(projectId);
    if (userId === 0 || project === undefined) return permissions;
    const left = permissions & guard.permissionsIn(project, userId);
    if (left === 0 && permissions !== 0) throw notRefreshed();
    return left;
  }

  function expiryAfter(lifeMs: number): number {
    return Math.floor((clock.now() + lifeMs) / 1000);
  }

  async function answerToken(claims: TokenClaims & { readonly uid: number; readonly exp: number }): Promise<Response> {
    const { uid, pid, exp, pms = 0 } = claims;
    const has = (permission: Permission) => (pms & permissionBits[permission]) !== 0;
    const told = pid === undefined ? {} : { project_id: pid, read: has('read'), write: has('write'), admin: has('admin') };
    const dates = { expires: formatDate(exp * 1000), created: formatDate(clock.now()) };
    return jsonAnswer(200, { token: await signer.sign(claims), ...dates, user_id: uid, ...told });
  }

  function readLife(call: Call): number {
    const text = parameter(call, 'duration');
    if (text === undefined) return defaultLifeMs;
    const life = /^\d+[wdhms]$/.test(text) ? parseDuration(text) : undefined;
    if (life === undefined || expiryAfter(life) > lastExpiry) throw badParameter('Invalid value for duration', text);
    return life;
  }
}

/** What a user has, as far as it is wanted; nothing said: all of it. */
function grant(held: number, wanted: readonly (readonly [Permission, boolean | undefined])[]): number {
  let bits = 0;
  for (const [permission, flag] of wanted) {
    const bit = permissionBits[permission];
    if (flag === true && (held & bit) === 0) throw forbidden('Permission denied');
    if (flag !== false) bits |= held & bit;
  }
  return bits;
}

function notRefreshed(): Refusal {
  return new Refusal(403, faultCodes.notRefreshed, 'Token cannot be refreshed');
}

/** Basic credentials, or the parameters of the Java client. */
function readLogIn(call: Call): { readonly name: string; readonly password: string } {
  if (call.authorization === undefined) {
    const [name, password] = [parameter(call, 'name'), parameter(call, 'password')];
    if (name === undefined || password === undefined) throw noCredentials();
    return { name, password };
  }
  const encoded = /^basic +(\S+)$/i.exec(call.authorization.trim())?.[1];
  const text = encoded === undefined ? undefined : decodeBasic(encoded);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 0) throw noCredentials();
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decodeBasic(encoded: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function readProjectId(call: Call): number {
  const text = parameter(call, 'project_id');
  if (text === undefined || text === '') throw badField('project_id is required');
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw badParameter('Invalid value for project_id', text);
}

/** `true`, `False`, `1`, ...: clients differ. */
function readFlag(call: Call, name: string): boolean | undefined {
  const text = parameter(call, name)?.toLowerCase();
  if (text === undefined || text === '') return undefined;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw badParameter(`Invalid value for ${name}`, text);
}
