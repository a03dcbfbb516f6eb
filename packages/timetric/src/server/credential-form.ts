import { AnySeriesError } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import type { CredentialFields, CredentialForm, Credentials } from '@anyseries/core/server';
import { createCredentialWriter, protocolId } from './accounts.ts';
import { keyLength, randomText } from './secrets.ts';
import { unkeptVault } from './unkept-vault.ts';

const fields = ['key', 'secret', 'user', 'password', 'consumerKey', 'consumerSecret', 'token', 'tokenSecret'] as const;
type Fields = Partial<Record<(typeof fields)[number], string>>;

/** The user of credentials that name none. */
const usualUser = 'timetric';

/**
 * Users, API tokens, applications and access tokens as the tool of the gateway makes them, also with the keys that old clients have: an API token by
 * `key` and `secret`, an application by `consumerKey` and `consumerSecret`, and what a user has given it by `token` and `tokenSecret`. Where none of
 * them is named, an API token is made. The user is made where it is missing; with a password, if it is named.
 */
export const credentialForm: CredentialForm = {
  fields,
  async add(given, project, credentials, vault) {
    const named = checkFields(given);
    const { user = usualUser, consumerKey, consumerSecret, token } = named;
    const writer = createCredentialWriter(credentials, vault ?? unkeptVault(credentials));
    const wants = {
      apiToken: named.key !== undefined || (consumerKey === undefined && token === undefined),
      application: consumerKey !== undefined && (consumerSecret !== undefined || token === undefined),
    };
    const isNewUser = await checkUser(credentials, user, project, named.password !== undefined);
    await checkFree(credentials, [named.key, wants.application ? consumerKey : undefined, token]);
    if (token !== undefined && !wants.application) await checkApplication(credentials, consumerKey);

    const made: Fields = {};
    if (named.user !== undefined || named.password !== undefined) made.user = user;
    if (isNewUser) {
      // who is not named has nobody who would log in
      const password = named.password ?? (named.user === undefined ? undefined : randomText(keyLength));
      if (password !== undefined) made.password = password;
      await writer.addUser({ name: user, password, project });
    }
    if (wants.apiToken) {
      const { key, secret } = await writer.addApiToken({
        project,
        user,
        key: named.key,
        secret: named.secret,
        name: 'made by the operator',
      });
      Object.assign(made, { key, secret });
    }
    if (wants.application) {
      const { key, secret } = await writer.addApplication({ project, user, key: consumerKey, secret: consumerSecret, name: consumerKey! });
      Object.assign(made, { consumerKey: key, consumerSecret: secret });
    }
    if (token !== undefined) {
      const { key, secret } = await writer.addAccessToken({
        project,
        user,
        key: token,
        secret: named.tokenSecret,
        application: consumerKey!,
      });
      Object.assign(made, { token: key, tokenSecret: secret });
    }
    return made as CredentialFields;
  },
};

function checkFields(given: CredentialFields): Fields {
  for (const [field, value] of Object.entries(given)) {
    if (!fields.some((known) => known === field))
      throw invalid(field, `is no part of a Timetric credential; give some of ${fields.join(', ')}`);
    // an application may do without a secret
    if (typeof value !== 'string' || (value === '' && field !== 'consumerSecret')) throw invalid(field, 'give a text that is not empty');
    if (!value.isWellFormed() || /\p{Cc}/u.test(value)) throw invalid(field, 'holds a control character or half of a surrogate pair');
    if (value.length > 255) throw invalid(field, 'is longer than 255 characters');
  }
  const { key, secret, token, tokenSecret, consumerKey, consumerSecret } = given;
  if (key?.includes(':')) throw invalid('key', `${show(key)} holds a colon, which ends the key where it is sent`);
  if (secret !== undefined && key === undefined) throw invalid('secret', 'goes with a key');
  if (tokenSecret !== undefined && token === undefined) throw invalid('tokenSecret', 'goes with a token');
  if ((token ?? consumerSecret) !== undefined && consumerKey === undefined)
    throw invalid('consumerKey', 'is missing: name the application that the token or the secret belongs to');
  return given;
}

/** Whether the user has to be made. */
async function checkUser(credentials: Credentials, user: string, project: string, hasPassword: boolean): Promise<boolean> {
  const present = await credentials.find(protocolId, user);
  if (present === undefined) return true;
  if (present.data.kind !== 'user') throw invalid('user', `${show(user)} is the key of something else`);
  if (present.project !== project) throw invalid('user', `${show(user)} belongs to the project ${show(present.project)}`);
  if (hasPassword) throw new AnySeriesError('conflict', `timetric has a user ${show(user)} already: leave out the password`);
  return false;
}

/** Looks before anything is added, so that all of it is or nothing. */
async function checkFree(credentials: Credentials, keys: readonly (string | undefined)[]): Promise<void> {
  for (const key of keys) {
    if (key !== undefined && (await credentials.find(protocolId, key)) !== undefined)
      throw new AnySeriesError('conflict', `timetric has a credential ${show(key)} already`);
  }
}

async function checkApplication(credentials: Credentials, consumerKey: string | undefined): Promise<void> {
  const present = consumerKey === undefined ? undefined : await credentials.find(protocolId, consumerKey);
  if (present?.data.kind !== 'application')
    throw invalid('consumerKey', `there is no application ${show(consumerKey)}: give its consumerSecret as well, so that it is made`);
}
