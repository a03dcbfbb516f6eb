import type { CallOptions } from '@anyseries/core';
import { path } from '@anyseries/core/http';
import { snakeCased, userAnswer, userListAnswer } from '../wire/answers.ts';
import type { Call } from './call.ts';
import { readPossibly } from './changed.ts';
import type { NewUser, User, UserFields } from './model.ts';

/** Users (4.8). */
export interface UserCalls {
  /** Makes a user, by an invite. @throws AnySeriesError `conflict` where the address is taken, `forbidden` for an invite that is none */
  createUser(user: NewUser, options?: CallOptions): Promise<User>;
  /** Oneself, or somebody by a number, an address or a name. */
  getUser(user?: number | string, options?: CallOptions): Promise<User>;
  /** Users in whose names or addresses the text is. */
  searchUsers(text: string, options?: CallOptions): Promise<readonly User[]>;
  /** Changes what is given of oneself; answers `undefined` where it was so already. */
  updateUser(changes: UserFields, options?: CallOptions): Promise<User | undefined>;
  changePassword(oldPassword: string, password: string, options?: CallOptions): Promise<User>;
  /** Shows that an address is one's own, by the key that was sent there. */
  verifyEmail(verificationKey: string, options?: CallOptions): Promise<void>;
  /** Has a key sent, by which the password can be set anew. Does not tell whether there is such a user. */
  requestPasswordReset(email: string, options?: CallOptions): Promise<void>;
  resetPassword(resetKey: string, password: string, options?: CallOptions): Promise<void>;
}

export function createUserCalls(call: Call): UserCalls {
  return {
    createUser: (user, options) =>
      call(options, ({ ask }, context) =>
        ask('nobody', { method: 'POST', path: '/v1/users', json: snakeCased({ ...user }) }, userAnswer, context),
      ),

    getUser(user = 'me', options) {
      const isPath = typeof user === 'number' || user === 'me';
      const request = isPath ? { path: path`/v1/users/${user}` } : { path: '/v1/users', search: { name: user } };
      return call(options, ({ ask }, context) => ask('user', request, userAnswer, context));
    },

    searchUsers: (text, options) =>
      call(
        options,
        async ({ ask }, context) => (await ask('user', { path: '/v1/users', search: { search: text } }, userListAnswer, context)).users,
      ),

    updateUser(changes, options) {
      return call(options, async ({ send }, context) => {
        const request = { method: 'PATCH', path: '/v1/users/me', json: snakeCased({ ...changes }), idempotent: true };
        return readPossibly(await send('user', request, context), userAnswer);
      });
    },

    changePassword(oldPassword, password, options) {
      const request = { method: 'PATCH', path: '/v1/users/me', search: { old_password: oldPassword }, json: { password } };
      return call(options, ({ ask }, context) => ask('user', request, userAnswer, context));
    },

    async verifyEmail(verificationKey, options) {
      const request = { method: 'POST', path: '/v1/users/email', json: { verification_key: verificationKey } };
      await call(options, ({ send }, context) => send('nobody', request, context));
    },

    async requestPasswordReset(email, options) {
      await call(options, ({ send }, context) => send('nobody', { path: '/v1/users/password', search: { reset: email } }, context));
    },

    async resetPassword(resetKey, password, options) {
      const request = { method: 'POST', path: '/v1/users/password', json: { reset_key: resetKey, password } };
      await call(options, ({ send }, context) => send('nobody', request, context));
    },
  };
}
