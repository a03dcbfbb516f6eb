import type { Clock, Store } from '@anyseries/core';
import type { Credentials } from '@anyseries/core/server';
import type { ProjectData } from './project-data.ts';
import type { ProjectRecords } from './project-records.ts';
import type { ServerSettings } from './settings.ts';
import type { Signer } from './signing.ts';
import type { KeyPurpose, UserRecords } from './user-records.ts';

/** What a user is to be sent. */
export interface Mail {
  readonly to: string;
  readonly purpose: KeyPurpose;
  /** What the client sends back. */
  readonly key: string;
}

/** What the handlers of a server share. */
export interface ServerContext {
  readonly clock: Clock;
  readonly settings: ServerSettings;
  readonly users: UserRecords;
  readonly projects: ProjectRecords;
  readonly signer: Signer;
  readonly credentials: Credentials;
  /** What is in a project, by the gateway's name for it. */
  openData(home: string): Promise<ProjectData>;
  /** Makes a project with a store of its own; without it, one that the operator makes is waited for. */
  readonly createProject: ((home: string) => Promise<Store>) | undefined;
  readonly sendMail: ((mail: Mail) => Promise<void> | void) | undefined;
}
