import { formatIsoDate } from '../wire/time.ts';
import { allPermissions, type Permission, permissionBits } from '../wire/token.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import { type Call, parameter } from './call.ts';
import type { ServerContext } from './context.ts';
import type { Guard } from './guard.ts';
import type { Project } from './project-records.ts';
import { isRecordName } from './record-ids.ts';
import { badField, forbidden, notFound } from './refusal.ts';
import type { Routes } from './router.ts';

const permissionNames = ['read', 'write', 'admin'] as const satisfies readonly Permission[];

/** Section 4.8. */
export function projectRoutes({ projects, users, createProject }: ServerContext, guard: Guard): Routes {
  return {
    projects: { POST: create, GET: look },
    'projects/:': { GET: get, PATCH: rename },
    'projects/:/permissions': { GET: getPermissions, PATCH: changePermissions },
  };

  async function create(call: Call): Promise<Response> {
    const user = await guard.user(call);
    const { project_name: name } = await call.json();
    if (!isRecordName(name)) throw badField('Invalid project_name');
    const project = await projects.add({ name, permissions: { [user.id]: allPermissions } }, async (id) => {
      const home = `iobeam-${id}`;
      await createProject?.(home);
      return home;
    });
    return jsonAnswer(201, { project_id: project.id, project_name: name });
  }

  async function look(call: Call): Promise<Response> {
    const user = await guard.user(call);
    const name = parameter(call, 'name');
    if (name !== undefined) return jsonAnswer(200, projectJson(visible(await projects.named(name), user.id, 0)));
    const own: Project[] = [];
    for await (const project of projects.list()) if (guard.permissionsIn(project, user.id) !== 0) own.push(project);
    return jsonAnswer(200, {
      projects: own.map((project) => {
        const bits = guard.permissionsIn(project, user.id);
        const permissions = Object.fromEntries(
          permissionNames.map((permission) => [permission, (bits & permissionBits[permission]) !== 0]),
        );
        return { project_id: project.id, project_name: project.name, created: formatIsoDate(project.created), permissions };
      }),
    });
  }

  async function get(call: Call): Promise<Response> {
    return jsonAnswer(200, projectJson(await projectOf(call, 0)));
  }

  async function rename(call: Call): Promise<Response> {
    const user = await guard.user(call);
    const { project_name: name } = await call.json();
    const project = visible(await find(call), user.id, permissionBits.admin);
    if (typeof name !== 'string') throw badField('project_name is required');
    return (await projects.rename(project.id, name)) ? jsonAnswer(200, { project_id: project.id, project_name: name }) : emptyAnswer(204);
  }

  async function getPermissions(call: Call): Promise<Response> {
    return jsonAnswer(200, { permissions: permissionLists(await projectOf(call, 0)) });
  }

  async function changePermissions(call: Call): Promise<Response> {
    const caller = await guard.user(call);
    const body = await call.json();
    const project = visible(await find(call), caller.id, permissionBits.admin);
    const flags = permissionNames.map((permission) => [permission, body[permission] ?? false] as const);
    const wrong = flags.find(([, flag]) => typeof flag !== 'boolean');
    if (wrong !== undefined) throw badField(`Invalid ${wrong[0]}`);
    if (!Number.isSafeInteger(body.user_id)) throw badField('Invalid user_id');
    const user = await users.find(body.user_id as number);
    if (user === undefined) throw notFound('User');
    const bits = flags.reduce((sum, [permission, flag]) => (flag === true ? sum | permissionBits[permission] : sum), 0);
    const before = await projects.setPermissions(project.id, user.id, bits);
    if (before === bits) return emptyAnswer(204);
    return jsonAnswer(before === 0 ? 201 : 200, {});
  }

  async function projectOf(call: Call, needed: number): Promise<Project> {
    const user = await guard.user(call);
    return visible(await find(call), user.id, needed);
  }

  async function find({ parts }: Call): Promise<Project | undefined> {
    const id = Number(parts[0]);
    return Number.isSafeInteger(id) && id > 0 ? projects.find(id) : undefined;
  }

  /** The project, if there is one and the user may do that in it. */
  function visible(project: Project | undefined, userId: number, needed: number): Project {
    if (project === undefined) throw notFound('Project');
    const held = guard.permissionsIn(project, userId);
    if (held === 0 || (held & needed) !== needed) throw forbidden('Permission denied');
    return project;
  }
}

function projectJson(project: Project) {
  const { id, name, created } = project;
  return { project_id: id, project_name: name, created: formatIsoDate(created), permissions: permissionLists(project) };
}

/** Who has which permission, by the numbers of the users. */
function permissionLists({ permissions }: Project) {
  const holders = Object.entries(permissions).map(([user, bits]) => [Number(user), bits] as const);
  const having = (bit: number) => holders.filter(([, bits]) => (bits & bit) !== 0).map(([user]) => ({ user_id: user }));
  return { read: having(permissionBits.read), write: having(permissionBits.write), admin: having(permissionBits.admin) };
}
