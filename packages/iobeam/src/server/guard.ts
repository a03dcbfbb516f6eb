import { isAnySeriesError } from '@anyseries/core';
import { sha256 } from '@anyseries/core/server';
import { faultCodes } from '../wire/fault.ts';
import { allPermissions, type DecodedToken, decodeToken, type Permission, permissionBits, type TokenClaims } from '../wire/token.ts';
import type { Body, Call } from './call.ts';
import type { ServerContext } from './context.ts';
import type { ProjectData } from './project-data.ts';
import type { Project } from './project-records.ts';
import { badField, forbidden, notFound, Refusal } from './refusal.ts';
import type { User } from './user-records.ts';

/** The id of this protocol in the credentials of a gateway. */
export const protocolId = 'iobeam';

/** Who asks, by a project token. */
export interface ProjectCaller {
  readonly projectId: number;
  /** Permission bits. */
  readonly permissions: number;
  /** The gateway's name of the project, where the token was given to the gateway and not made by it. */
  readonly home?: string;
}

/** A project and what is in it. */
export interface OpenProject extends ProjectData {
  readonly id: number;
}

/** What a token proves. */
export type Proof =
  | { readonly kind: 'user'; readonly userId: number }
  | ({ readonly kind: 'project'; readonly claims: TokenClaims } & ProjectCaller);

/** Who may do what: sections 3.2 and 3.7. */
export interface Guard {
  /** What a token proves, expired or not; `undefined` where it proves nothing. */
  prove(token: string): Promise<Proof | undefined>;
  /** Lets any valid token in. */
  anyone(call: Call): Promise<void>;
  /** The project of a project token with a permission; `body` or `projectId` must not name another. */
  project(call: Call, permission: Permission, named?: ProjectNaming): Promise<OpenProject>;
  /** The user of a user token. */
  user(call: Call): Promise<User>;
  permissionsIn(project: Project, userId: number): number;
}

/** Where a request names its project beside its token; read only when the token is known. */
export type ProjectNaming = () => Promise<number | undefined> | number | undefined;

export function createGuard(context: ServerContext): Guard {
  const { clock, settings, users, projects, signer, credentials, openData } = context;

  async function prove(token: string): Promise<Proof | undefined> {
    const decoded = decodeToken(token);
    if (decoded !== undefined && (await isSigned(decoded))) return proofOf(decoded.claims);
    // one that the operator has registered: its whole text counts, not what it claims
    const registered = await credentials.find(protocolId, await sha256(token));
    if (registered === undefined) return undefined;
    const { projectId, permissions } = registered.data as { readonly projectId: number; readonly permissions: number };
    return { kind: 'project', projectId, permissions, home: registered.project, claims: {} };
  }

  async function isSigned(token: DecodedToken): Promise<boolean> {
    try {
      return await signer.verify(token);
    } catch (error) {
      if (isAnySeriesError(error) && error.code === 'unauthenticated') throw new Refusal(500, faultCodes.failed, error.message);
      throw error;
    }
  }

  async function authenticate({ authorization }: Call): Promise<Proof> {
    const token = /^bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1];
    const proof = token === undefined ? undefined : await prove(token);
    if (proof === undefined)
      throw token !== undefined && decodeToken(token) !== undefined ? forbidden('Invalid credentials') : noCredentials();
    const exp = proof.kind === 'project' ? proof.claims.exp : decodeToken(token!)!.claims.exp;
    if (exp !== undefined && clock.now() >= exp * 1000) throw new Refusal(401, faultCodes.expired, 'Token has expired');
    return proof;
  }

  return {
    prove,

    async anyone(call) {
      await authenticate(call);
    },

    async project(call, permission, named = () => undefined) {
      const proof = await authenticate(call);
      if (proof.kind !== 'project') throw forbidden('A project token is required');
      const projectId = await named();
      if (projectId !== undefined && projectId !== proof.projectId) throw forbidden('Token does not belong to this project');
      if ((proof.permissions & permissionBits[permission]) === 0) throw forbidden('Token lacks the required permission');
      const project = proof.home === undefined ? await projects.find(proof.projectId) : await projects.bind(proof.projectId, proof.home);
      if (project === undefined) throw notFound('Project');
      return { id: project.id, ...(await openData(project.home)) };
    },

    async user(call) {
      const proof = await authenticate(call);
      if (proof.kind !== 'user') throw forbidden('A user token is required');
      const user = await users.find(proof.userId);
      if (user === undefined) throw forbidden('Invalid credentials');
      return user;
    },

    permissionsIn({ permissions }, userId) {
      return settings.admins.includes(userId) ? allPermissions : (permissions[userId] ?? 0);
    },
  };
}

function proofOf(claims: TokenClaims): Proof {
  const { uid = 0, pid, pms = 0 } = claims;
  return pid === undefined ? { kind: 'user', userId: uid } : { kind: 'project', projectId: pid, permissions: pms, claims };
}

export function noCredentials(): Refusal {
  return new Refusal(401, faultCodes.noCredentials, 'Missing or malformed credentials');
}

/** The project that a body names. Text of digits will do: some clients pass on what they were given (section 4.3). */
export function projectIdOf({ project_id }: Body): number {
  if (project_id === undefined || project_id === null) throw badField('project_id is required');
  const id = typeof project_id === 'string' && /^\d+$/.test(project_id) ? Number(project_id) : project_id;
  if (Number.isSafeInteger(id) && (id as number) > 0) return id as number;
  throw badField('Invalid project_id');
}
