import type { CallOptions } from '@anyseries/core';
import { path } from '@anyseries/core/http';
import { permissionsAnswer, projectAnswer, projectListAnswer } from '../wire/answers.ts';
import type { Permission } from '../wire/token.ts';
import type { Call } from './call.ts';
import { readPossibly } from './changed.ts';
import type { OwnProject, Permissions, Project } from './model.ts';

/** Projects, as a user (4.8). */
export interface ProjectCalls {
  /** Makes a project; the user gets every permission. @throws AnySeriesError `conflict` where the name is taken */
  createProject(projectName: string, options?: CallOptions): Promise<Project>;
  /** The projects that the user may use, with the user's own permissions. */
  listProjects(options?: CallOptions): Promise<readonly OwnProject[]>;
  /** By its number, or by its name. */
  getProject(project: number | string, options?: CallOptions): Promise<Project>;
  /** Answers `undefined` where it has that name already. */
  renameProject(projectId: number, projectName: string, options?: CallOptions): Promise<Project | undefined>;
  /** The numbers of the users who have each permission. */
  getPermissions(projectId: number, options?: CallOptions): Promise<Readonly<Record<Permission, readonly number[]>>>;
  /** Sets what a user may do; nothing of it shuts the user out. Answers what that was: a user `added`, `changed`, or `unchanged`. */
  setPermissions(
    projectId: number,
    userId: number,
    permissions: Permissions,
    options?: CallOptions,
  ): Promise<'added' | 'changed' | 'unchanged'>;
}

export function createProjectCalls(call: Call): ProjectCalls {
  return {
    createProject: (projectName, options) =>
      call(options, ({ ask }, context) =>
        ask('user', { method: 'POST', path: '/v1/projects', json: { project_name: projectName } }, projectAnswer, context),
      ),

    listProjects: (options) =>
      call(options, async ({ ask }, context) => (await ask('user', { path: '/v1/projects' }, projectListAnswer, context)).projects),

    getProject(project, options) {
      const request =
        typeof project === 'number' ? { path: path`/v1/projects/${project}` } : { path: '/v1/projects', search: { name: project } };
      return call(options, ({ ask }, context) => ask('user', request, projectAnswer, context));
    },

    renameProject(projectId, projectName, options) {
      return call(options, async ({ send }, context) => {
        const json = { project_name: projectName, project_id: projectId };
        const request = { method: 'PATCH', path: path`/v1/projects/${projectId}`, json, idempotent: true };
        return readPossibly(await send('user', request, context), projectAnswer);
      });
    },

    getPermissions: (projectId, options) =>
      call(
        options,
        async ({ ask }, context) =>
          (await ask('user', { path: path`/v1/projects/${projectId}/permissions` }, permissionsAnswer, context)).permissions,
      ),

    setPermissions(projectId, userId, { read, write, admin }, options) {
      return call(options, async ({ send }, context) => {
        const json = { user_id: userId, read, write, admin };
        const request = { method: 'PATCH', path: path`/v1/projects/${projectId}/permissions`, json, idempotent: true };
        const { status } = await send('user', request, context);
        return status === 201 ? 'added' : status === 204 ? 'unchanged' : 'changed';
      });
    },
  };
}
