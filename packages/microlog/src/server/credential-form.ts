import { invalid, show } from '@anyseries/core/provider';
import type { CredentialForm } from '@anyseries/core/server';
import { addAccount, isAccountName } from './accounts.ts';
import { randomText } from './random-text.ts';

/** Accounts as the tool of the gateway makes them: a user name, the API token for programs, and the password for browsers. */
export const credentialForm: CredentialForm = {
  fields: ['username', 'token', 'password'],
  async add(given, project, credentials) {
    const { username: name = randomText(), token = randomText(), password = randomText() } = given;
    if (!isAccountName(name)) throw invalid('username', `${show(name)} is no text of 1 to 256 bytes`);
    // a colon ends the name in front of it in Basic authentication
    if (!/^[\x21-\x39\x3b-\x7e]{1,200}$/.test(token))
      throw invalid('token', 'is not made of 1 to 200 visible ASCII characters without a colon');
    if (password === '') throw invalid('password', 'is empty');
    await addAccount(credentials, { name, token, password, project });
    return { username: name, token, password };
  },
};
