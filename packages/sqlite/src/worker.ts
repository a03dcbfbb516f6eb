import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { AnySeriesError } from '@anyseries/core';
import { createSubscriptions } from '@anyseries/core/provider';
import { type Commit, createCommitter } from './committer.ts';
import { isSqliteFailure, toAnySeriesError } from './failure.ts';
import { createForeignWatch } from './foreign-watch.ts';
import { createPointTable } from './point-table.ts';
import {
  type Answers,
  type Asked,
  buffersOf,
  type FromWorker,
  type Notice,
  type Question,
  toWireBatch,
  toWireError,
  type ToWorker,
  type WorkerSettings,
} from './protocol.ts';
import { createReadStream, type ReadStream } from './read-stream.ts';
import { createRecordTable } from './record-table.ts';
import { openDatabase } from './schema.ts';
import { createSeriesTable } from './series-table.ts';

const port: MessagePort = parentPort!;
const settings = workerData as WorkerSettings;

type AskedCommit = Asked<Extract<Question, { kind: 'commit' }>>;
type AskedPage = Asked<Extract<Question, { kind: 'page' }>>;
type AskedRest = Asked<Exclude<Question, { kind: 'commit' | 'page' | 'close' | 'backup' }>>;

/** What one transaction takes at most. */
const pointsPerGroup = 100_000;
const commitsPerGroup = 1000;
const lookEveryMs = 500;

/** Commits that wait for their transaction, and the other questions, in the order of their arrival. */
const commits: AskedCommit[] = [];
const questions: Asked[] = [];
let scheduled = false;
let file: ReturnType<typeof openFile> | undefined;

port.on('message', (message: ToWorker) => {
  receive(message);
  if (!scheduled) turn();
});

/** Everything that has arrived; then one group of commits, and one other question, so that neither keeps the other waiting. */
function turn(): void {
  scheduled = false;
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) receive(next.message as ToWorker);
  const group = takeGroup();
  if (group.length > 0) commitGroup(group);
  const question = questions.shift();
  if (question !== undefined) answerOne(question);
  if (commits.length === 0 && questions.length === 0) return;
  scheduled = true;
  setImmediate(turn);
}

function receive(message: ToWorker): void {
  if (!('call' in message)) {
    tryNotice(message);
  } else if (message.kind === 'commit') {
    commits.push(message);
  } else {
    questions.push(message);
  }
}

function takeGroup(): AskedCommit[] {
  let points = 0;
  let count = 0;
  while (count < commits.length && count < commitsPerGroup && points < pointsPerGroup) {
    for (const operation of commits[count]!.operations) if ('batch' in operation) points += operation.batch.times.length;
    count++;
  }
  return commits.splice(0, count);
}

function commitGroup(group: readonly AskedCommit[]): void {
  const outcomes = opened().commit(group);
  group.forEach(({ call }, i) => {
    const outcome = outcomes[i]!;
    if ('error' in outcome) fail(call, outcome.error);
    else answer<'commit'>(call, outcome.answers);
  });
}

function answerOne(question: Asked): void {
  try {
    if (question.kind === 'close') close(question.call);
    else if (question.kind === 'backup') copyTo(question);
    else if (question.kind === 'page') opened().page(question);
    else answer(question.call, opened(question).answer(question as AskedRest));
  } catch (error) {
    fail(question.call, error);
  }
}

function tryNotice(notice: Notice): void {
  try {
    file?.notice(notice);
  } catch {
    // a look at the file failed; the next call will tell
  }
}

function opened(question?: Asked): ReturnType<typeof openFile> {
  if (question?.kind === 'open') file ??= openFile(question.now);
  if (file === undefined) throw new AnySeriesError('closed', 'the file is not open', { provider: 'sqlite' });
  return file;
}

function answer<K extends keyof Answers>(call: number, answer: Answers[K], transfer: ArrayBuffer[] = []): void {
  post({ kind: 'answer', call, answer }, transfer);
}

function fail(call: number, error: unknown): void {
  post({ kind: 'failure', call, error: toWireError(toAnySeriesError(error, settings.path)) });
}

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function close(call: number): void {
  file?.close();
  file = undefined;
  answer<'close'>(call, undefined);
  port.close();
}
