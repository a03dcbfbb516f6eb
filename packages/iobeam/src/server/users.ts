import { randomHex, sha256 } from '@anyseries/core/server';
import type { WireJson } from '../wire/json.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import { type Body, type Call, parameter } from './call.ts';
import type { ServerContext } from './context.ts';
import type { Guard } from './guard.ts';
import { isRecordName } from './record-ids.ts';
import { badField, forbidden, notFound } from './refusal.ts';
import type { Routes } from './router.ts';
import { type KeyPurpose, type Profile, profileFields, type User } from './user-records.ts';

const mostFound = 100;
const maxPasswordLength = 1024;

/** Section 4.8. */
export function userRoutes({ users, settings, sendMail }: ServerContext, guard: Guard): Routes {
  return {
    users: { POST: register, GET: look },
    'users/me': { GET: async (call) => jsonAnswer(200, userJson(await guard.user(call))), PATCH: change },
    'users/email': { POST: verifyEmail },
    'users/password': { GET: askForReset, POST: resetPassword },
    'users/:': { GET: get },
  };

  async function register(call: Call): Promise<Response> {
    const body = await call.json();
    if (typeof body.invite !== 'string' || !settings.invites.includes(body.invite)) throw forbidden('Invalid invite');
    const { email, username = email, ...others } = readProfile(body);
    if (email === undefined || !email.includes('@')) throw badField('Invalid email');
    const user = await users.add({ username: username!, email, ...others }, readPassword(body.password));
    await mailKey('verify-email', user);
    return jsonAnswer(201, userJson(user));
  }

  async function look(call: Call): Promise<Response> {
    const caller = await guard.user(call);
    const [name, text] = [parameter(call, 'name'), parameter(call, 'search')];
    if (name !== undefined) return answerUser(await users.named(name));
    if (text === undefined) return answerUser(caller);
    const found = await users.search(text, mostFound);
    return jsonAnswer(200, { users: found.map(({ id, profile: { username, email } }) => ({ user_id: id, username, email })) });
  }

  async function get(call: Call): Promise<Response> {
    await guard.user(call);
    return answerUser(await users.find(Number(call.parts[0])));
  }

  async function change(call: Call): Promise<Response> {
    const caller = await guard.user(call);
    const body = await call.json();
    const profile = readProfile(body);
    const password = body.password === undefined ? undefined : readPassword(body.password);
    if (password !== undefined && (await users.logIn(caller.profile.email, parameter(call, 'old_password') ?? '')) === undefined)
      throw forbidden('Invalid old password');
    const { user, changed } = await users.change(caller.id, profile);
    if (password !== undefined) await users.changePassword(caller.id, password);
    return changed || password !== undefined ? jsonAnswer(200, userJson(user)) : emptyAnswer(204);
  }

  async function verifyEmail(call: Call): Promise<Response> {
    const { verification_key: key } = await call.json();
    await users.markVerified(await redeem('verify-email', key, 'verification_key'));
    return emptyAnswer(204);
  }

  /** Tells nobody whether there is such a user. */
  async function askForReset(call: Call): Promise<Response> {
    const user = await users.named(parameter(call, 'reset') ?? '');
    if (user !== undefined) await mailKey('reset-password', user);
    return emptyAnswer(204);
  }

  async function resetPassword(call: Call): Promise<Response> {
    const body = await call.json();
    const password = readPassword(body.password);
    await users.changePassword(await redeem('reset-password', body.reset_key, 'reset_key'), password);
    return emptyAnswer(204);
  }

  async function mailKey(purpose: KeyPurpose, { id, profile }: User): Promise<void> {
    if (sendMail === undefined) return;
    const key = randomHex(16);
    await users.keepKey(purpose, await sha256(key), id);
    await sendMail({ to: profile.email, purpose, key });
  }

  async function redeem(purpose: KeyPurpose, key: unknown, field: string): Promise<number> {
    if (typeof key !== 'string' || key === '') throw badField(`${field} is required`);
    const user = await users.redeemKey(purpose, await sha256(key));
    if (user === undefined) throw forbidden(`Invalid ${field}`);
    return user;
  }
}

function answerUser(user: User | undefined): Response {
  if (user === undefined) throw notFound('User');
  return jsonAnswer(200, userJson(user));
}

function userJson({ id, profile }: User): WireJson {
  return { user_id: id, ...Object.fromEntries(profileFields.map((name) => [name, profile[name]])) };
}

function readProfile(body: Body): Partial<Profile> {
  const told = profileFields.filter((name) => body[name] !== undefined && body[name] !== null);
  for (const name of told) {
    const value = body[name];
    const isUnique = name === 'email' || name === 'username';
    if (isUnique ? !isRecordName(value) : typeof value !== 'string' || value.length > 1000) throw badField(`Invalid ${name}`);
  }
  return Object.fromEntries(told.map((name) => [name, body[name]])) as Partial<Profile>;
}

function readPassword(password: unknown): string {
  if (typeof password === 'string' && password !== '' && password.length <= maxPasswordLength) return password;
  throw badField('Invalid password');
}
