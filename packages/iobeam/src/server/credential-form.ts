import { invalid, show } from '@anyseries/core/provider';
import { type CredentialForm, randomHex, sha256 } from '@anyseries/core/server';
import { allPermissions, encodeBase64, encodeClaims, type Permission, permissionBits } from '../wire/token.ts';
import { protocolId } from './guard.ts';

const lifeSeconds = 10 * 365 * 86_400;
const latestRandomProject = 2 ** 31;

/**
 * Project tokens that an operator gives out. They are recognised by their whole text, so that any text will do, also the token of a device whose
 * signing key is lost (section 3.2); one that is made here tells clients its project and its end in the form that they can read.
 */
export const credentialForm: CredentialForm = {
  fields: ['projectId', 'token', 'permissions'],

  async add(given, project, credentials) {
    const projectId = await numberOf(given.projectId, project, credentials);
    const { permissions = 'read,write' } = given;
    const bits = readPermissions(permissions);
    const token = given.token ?? makeToken(projectId, bits);
    if (!/^[\x21-\x7e]{8,}$/.test(token)) throw invalid('token', 'has less than 8 characters, or some that no header can carry');
    await credentials.add({ protocol: protocolId, id: await sha256(token), project, data: { projectId, permissions: bits } });
    return { projectId: String(projectId), token, permissions };
  },
};

/** A number names one project: the one that was given, else the one that the project has, else a new one. */
async function numberOf(given: string | undefined, project: string, credentials: Parameters<CredentialForm['add']>[2]): Promise<number> {
  const wanted = given === undefined ? undefined : Number(given);
  if (wanted !== undefined && !(/^\d+$/.test(given!) && Number.isSafeInteger(wanted) && wanted > 0))
    throw invalid('projectId', `${show(given)} is no whole number above 0`);
  for await (const credential of credentials.list()) {
    if (credential.protocol !== protocolId) continue;
    const { projectId } = credential.data as { readonly projectId: number };
    if (credential.project === project && (wanted === undefined || wanted === projectId)) return projectId;
    if (credential.project !== project && wanted === projectId)
      throw invalid('projectId', `${wanted} is the number of the project ${show(credential.project)}`);
  }
  return wanted ?? 1 + (Number.parseInt(randomHex(6), 16) % latestRandomProject);
}

function readPermissions(text: string): number {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(permissionBits, name));
  if (unknown !== undefined) throw invalid('permissions', `${show(unknown)} is none of read, write and admin`);
  return names.reduce((bits, name) => bits | permissionBits[name as Permission], 0) & allPermissions;
}

/** Claims as in any token; instead of a signature, so many random bytes that nobody can guess them. */
function makeToken(projectId: number, pms: number): string {
  const exp = Math.floor(Date.now() / 1000) + lifeSeconds;
  const secret = crypto.getRandomValues(new Uint8Array(32));
  return `${encodeClaims({ uid: 0, pid: projectId, exp, pms }, 0)}.${encodeBase64(secret)}`;
}
