import type { CallOptions } from '@anyseries/core';
import { tokenAnswer } from '../wire/answers.ts';
import type { Call } from './call.ts';
import type { IssuedToken, TokenOptions } from './model.ts';
import { parametersOf } from './parameters.ts';

/** Tokens (3.3 to 3.5). */
export interface TokenCalls {
  /** Logs a user in; the token is used for what users do from now on. @throws AnySeriesError `forbidden` for a wrong password */
  logIn(name: string, password: string, options?: CallOptions): Promise<IssuedToken>;
  /** A token for a project, as a user. */
  fetchToken(options?: TokenOptions): Promise<IssuedToken>;
  /** A project token for one device. */
  fetchDeviceToken(deviceId: string, options?: TokenOptions): Promise<IssuedToken>;
  /** A fresh token for one that may have expired. The client does that by itself with its own. */
  refreshToken(token: string, options?: CallOptions): Promise<IssuedToken>;
}

const ownOptions = ['projectId', 'read', 'write', 'admin', 'includeUser', 'duration', 'refreshable'];

export function createTokenCalls(call: Call): TokenCalls {
  function fetchToken(deviceId: string | undefined, options: TokenOptions): Promise<IssuedToken> {
    return call(
      options,
      ({ ask, connection }, context) => {
        const { projectId = connection.projectId('write'), read, write, admin, includeUser, duration, refreshable } = options;
        const flags = { read, write, admin, include_user: includeUser, refreshable };
        const search = parametersOf({ project_id: projectId, ...flags, duration, device_id: deviceId });
        return ask('user', { path: '/v1/tokens/project', search }, tokenAnswer, context);
      },
      ownOptions,
    );
  }

  return {
    logIn(name, password, options) {
      return call(options, async (session, context) => {
        const issued = await session.logIn({ name, password }, context);
        session.users.set(issued.token);
        return issued;
      });
    },
    fetchToken: (options = {}) => fetchToken(undefined, options),
    fetchDeviceToken: (deviceId, options = {}) => fetchToken(deviceId, options),
    refreshToken(token, options) {
      const request = { method: 'POST', path: '/v1/tokens/project', json: { refresh_token: token }, idempotent: true };
      return call(options, ({ ask }, context) => ask('nobody', request, tokenAnswer, context));
    },
  };
}
