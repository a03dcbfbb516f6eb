import type { CheckedClientSettings, LogIn } from '../settings.ts';

/** The user token of a client: given, or got by a log-in. */
export interface UserTokens {
  /** The token to send now; where there is none yet, logs in. @throws AnySeriesError `unauthenticated` */
  current(): Promise<string>;
  /** After a 401: another token by another log-in; `undefined` where the settings do not tell how. */
  renew(failed: string): Promise<string | undefined>;
  /** From now on this one is used. */
  set(token: string): void;
}

/** However many calls need a token, one log-in gets it. */
export function createUserTokens(settings: CheckedClientSettings, logIn: (given: LogIn) => Promise<string>): UserTokens {
  let token: string | undefined;
  let loggingIn: Promise<string> | undefined;

  function logInOnce(given: LogIn): Promise<string> {
    loggingIn ??= logIn(given)
      .then((issued) => {
        token = issued;
        return issued;
      })
      .finally(() => {
        loggingIn = undefined;
      });
    return loggingIn;
  }

  function knownLogIn(): LogIn | undefined {
    try {
      return settings.logIn();
    } catch {
      return undefined;
    }
  }

  return {
    async current() {
      token ??= settings.userToken();
      return token ?? logInOnce(settings.logIn());
    },
    async renew(failed) {
      if (token !== undefined && token !== failed) return token;
      const known = knownLogIn();
      return known && logInOnce(known);
    },
    set(issued) {
      token = issued;
    },
  };
}
