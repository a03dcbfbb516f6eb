import type { CallOptions, TimeInput, Value } from '@anyseries/core';
import type { TimeFormat, TimeUnit } from '../wire/time.ts';
import type { Permission } from '../wire/token.ts';

export type { DeviceStore } from '../settings.ts';
export type { Fault } from '../wire/fault.ts';
export type { TimeFormat, TimeUnit } from '../wire/time.ts';
export type { Permission } from '../wire/token.ts';

/** A value at a time; left out, it is that of its admission. */
export interface DataPoint {
  readonly value: Value;
  readonly time?: TimeInput | undefined;
}

/** Points of one stream. */
export interface DataSeries {
  readonly name: string;
  readonly points: readonly DataPoint[];
}

/** Rows of several streams at the same times. */
export interface DataStore {
  readonly columns: readonly string[];
  /** The values that wait, not counting those that a row lacks. */
  readonly size: number;
  /** Adds a row. Columns that are left out, or `null`, have no value in it. @throws AnySeriesError `invalid` that names the column */
  add(time: TimeInput | undefined, values: Readonly<Record<string, Value | null>>): void;
}

/** What became of a value that was sent. Whatever is not stored stays in the client. */
export interface SentPoint {
  /** The stream: the name of a series, or the column of a data store. */
  readonly name: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly value: Value;
  /** `refused`: the service does not take it · `unknown`: it may be stored · `unsent`: it was not sent. */
  readonly outcome: 'stored' | 'refused' | 'unknown' | 'unsent';
}

/** What became of everything that waited. */
export interface SendResult {
  /** Whether nothing waits any more. */
  readonly done: boolean;
  readonly stored: number;
  /** How many values wait still. */
  readonly kept: number;
  readonly points: readonly SentPoint[];
  /** Why values were kept: one error per request that failed. */
  readonly errors: readonly Error[];
}

export interface DeviceFields {
  /** Letters, digits, `:`, `_` and `-`; left out, the service makes one. */
  readonly deviceId?: string | undefined;
  /** Unique in the project; left out, it is the id. */
  readonly deviceName?: string | undefined;
  readonly deviceType?: string | undefined;
}

export interface Device {
  readonly deviceId: string;
  readonly projectId?: number | undefined;
  readonly deviceName?: string | undefined;
  readonly deviceType?: string | undefined;
  /** Epoch milliseconds. */
  readonly created?: number | undefined;
}

/** Options of imports. */
export interface ImportOptions extends CallOptions {
  /** Default: that of the client. */
  readonly deviceId?: string | undefined;
  /** How times are sent; finer ones are floored. Default `usec`. */
  readonly timeUnit?: TimeUnit | undefined;
}

/** A table: the rows of several streams. */
export interface ImportTable {
  /** Without the time. */
  readonly columns: readonly string[];
  /** Per row its time, then its values; `null`: none. */
  readonly rows: readonly (readonly [time: TimeInput, ...values: (Value | null)[]])[];
}

/** A table of a namespace. Labels are columns that are the same in all rows. */
export interface NamespaceTable extends ImportTable {
  /** Default `input`. */
  readonly namespace?: string | undefined;
  readonly labels?: Readonly<Record<string, Value>> | undefined;
}

export type Operator = 'sum' | 'count' | 'min' | 'max' | 'mean';

/** What to read by `query`; what is left out means all. */
export interface ExportQuery {
  readonly deviceId?: string | undefined;
  readonly series?: string | undefined;
  /** The most points of each series, the newest of them. */
  readonly limit?: number | undefined;
  /** Both included; floored to milliseconds, and `to` with its whole millisecond. */
  readonly from?: TimeInput | undefined;
  readonly to?: TimeInput | undefined;
  readonly greaterThan?: number | undefined;
  readonly lessThan?: number | undefined;
  readonly equals?: number | undefined;
  readonly operator?: Operator | undefined;
  /** The length of buckets, such as `30s` or `1h30m`; needs an operator. */
  readonly groupBy?: string | undefined;
  /** What times are floored to in the answer. Default `usec`, which is what the service keeps. */
  readonly timeFormat?: TimeFormat | undefined;
}

/** A stream of an answer, by ascending time. */
export interface SeriesData {
  readonly projectId?: number | undefined;
  readonly deviceId: string;
  readonly name: string;
  /** `time`: epoch milliseconds. */
  readonly points: readonly { readonly time: number; readonly value: Value }[];
}

/** What to read of a namespace by `queryData`. */
export interface DataQuery {
  /** One field; left out, all. */
  readonly field?: string | undefined;
  readonly limit?: number | undefined;
  /** The newest `count` rows for each value of `field`. */
  readonly limitBy?: { readonly field: string; readonly count: number } | undefined;
  /** Both included. A text is sent as it is: `now()-2h`. Without `to`, until now. */
  readonly from?: TimeInput | undefined;
  readonly to?: TimeInput | undefined;
  /** Conditions that must all hold. */
  readonly where?: readonly Condition[] | undefined;
  /** Needs a field. */
  readonly operator?: Operator | undefined;
  /** `time(15m)`, and names of fields. */
  readonly groupBy?: readonly string[] | undefined;
  /** Only the newest so many buckets of `time(...)`. */
  readonly limitPeriods?: number | undefined;
  readonly timeFormat?: TimeFormat | undefined;
}

export interface Condition {
  readonly field: string;
  readonly is: 'eq' | 'lt' | 'gt' | 'le' | 'ge';
  readonly value: Value;
}

/** Rows, the newest first. */
export interface DataTable {
  /** The first one is `time`. */
  readonly fields: readonly string[];
  /** Per row its time in epoch milliseconds, then its values; `null`: none. */
  readonly rows: readonly (readonly [time: number, ...values: (Value | null)[]])[];
}

export type FieldType = 'LONG' | 'DOUBLE' | 'BOOLEAN' | 'STRING';

export interface NamespaceFields {
  readonly namespaceName: string;
  /** What tells rows at the same time apart. */
  readonly partitioningField: string;
  readonly fields: Readonly<Record<string, FieldType>>;
  readonly labels?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface Namespace {
  readonly namespaceId: number;
  readonly projectId?: number | undefined;
  readonly namespaceName: string;
  readonly partitioningField: string;
  readonly created?: number | undefined;
  readonly lastModified?: number | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, unknown>>;
}

/** A token that the service has issued. */
export interface IssuedToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expires: number;
  readonly created?: number | undefined;
  readonly userId?: number | undefined;
  /** A user token has none, and no permissions. */
  readonly projectId?: number | undefined;
  readonly read: boolean;
  readonly write: boolean;
  readonly admin: boolean;
}

/** What a project token is to be able to do; what is left out is as the user has it. */
export interface TokenOptions extends CallOptions {
  /** Default: that of the client. */
  readonly projectId?: number | undefined;
  readonly read?: boolean | undefined;
  readonly write?: boolean | undefined;
  readonly admin?: boolean | undefined;
  /** Whether the token names the user. */
  readonly includeUser?: boolean | undefined;
  /** How long it lives, such as `5w`; default 30 days. */
  readonly duration?: string | undefined;
  readonly refreshable?: boolean | undefined;
}

export type Permissions = Readonly<Record<Permission, boolean>>;

export interface Project {
  readonly projectId: number;
  readonly projectName: string;
  readonly created?: number | undefined;
  /** The numbers of the users who have each permission. */
  readonly permissions?: Readonly<Record<Permission, readonly number[]>> | undefined;
}

/** A project in the list of those that a user may use. */
export interface OwnProject {
  readonly projectId: number;
  readonly projectName: string;
  readonly created?: number | undefined;
  /** The user's own. */
  readonly permissions: Permissions;
}

export interface UserFields {
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly url?: string | undefined;
  readonly companyName?: string | undefined;
}

export interface NewUser extends UserFields {
  readonly email: string;
  readonly password: string;
  readonly invite: string;
}

export interface User extends UserFields {
  readonly userId: number;
}

export interface TriggerAction {
  /** `email`, `http`, `mqtt` or `sms`. */
  readonly type: string;
  /** Milliseconds; 0: none. */
  readonly minDelay?: number | undefined;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface TriggerFields {
  readonly triggerName: string;
  readonly namespace?: string | undefined;
  /** Milliseconds; 0: none. */
  readonly dataExpiry?: number | undefined;
  /** An expression: `{{ temperature }} > 25.0`. */
  readonly fireWhen?: string | undefined;
  readonly releaseWhen?: string | undefined;
  readonly actions?: readonly TriggerAction[] | undefined;
}

export interface Trigger extends TriggerFields {
  readonly triggerId: number;
  readonly projectId?: number | undefined;
}

export interface Checksum {
  readonly alg: string;
  readonly sum: string;
}

export interface AppFields {
  readonly appName: string;
  readonly bundle?: { readonly checksum: Checksum; readonly type: string; readonly uri: string } | undefined;
  /** `RUNNING` or `STOPPED`. */
  readonly requestedStatus?: string | undefined;
}

export interface App extends AppFields {
  readonly appId: number;
  readonly projectId?: number | undefined;
  readonly created?: number | undefined;
  readonly lastModified?: number | undefined;
  readonly currentStatus?: string | undefined;
  readonly error?: string | undefined;
}

export interface FileEntry {
  readonly fileName: string;
  readonly created?: number | undefined;
  readonly checksum: Checksum;
}
