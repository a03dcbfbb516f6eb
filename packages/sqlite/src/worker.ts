import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { toAnySeriesError } from './failure.ts';
import { type OpenFile, openFile } from './open-file.ts';
import {
  type Answers,
  type Asked,
  buffersOf,
  type FromWorker,
  type Question,
  type ToWorker,
  toWireError,
  type WorkerSettings,
} from './protocol.ts';

/** The thread that owns the file. Commits that wait together become one transaction. */
const port: MessagePort = parentPort!;
const settings = workerData as WorkerSettings;

type Kind = Question['kind'];
type AskedFor<K extends Kind> = Extract<Asked, { kind: K }>;

/** What one transaction takes at most. */
const pointsPerGroup = 100_000;
const commitsPerGroup = 1000;

const commits: AskedFor<'commit'>[] = [];
const questions: Exclude<Asked, { kind: 'commit' | 'open' }>[] = [];
const backups = new Set<Promise<void>>();
let isScheduled = false;
let file: OpenFile | undefined;

port.on('message', (message: ToWorker) => {
  receive(message);
  if (!isScheduled) turn();
});

/** Takes all that has arrived; then one group of commits, and one other question, so that neither keeps the other waiting. */
function turn(): void {
  isScheduled = false;
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) receive(next.message);
  const group = takeGroup();
  if (group.length > 0) commit(group);
  const question = questions.shift();
  if (question !== undefined) answer(question);
  if (commits.length === 0 && questions.length === 0) return;
  isScheduled = true;
  setImmediate(turn);
}

function receive(message: ToWorker): void {
  if (!('call' in message)) {
    file!.notice(message);
  } else if (message.kind === 'open') {
    open(message);
  } else if (message.kind === 'commit') {
    commits.push(message);
  } else {
    if (message.kind === 'page') file!.openStream(message);
    questions.push(message);
  }
}

function open({ call, now }: AskedFor<'open'>): void {
  try {
    file = openFile(settings, now, post);
    post({ kind: 'answer', call, answer: undefined });
  } catch (error) {
    fail(call, error);
  }
}

function takeGroup(): AskedFor<'commit'>[] {
  let points = 0;
  let count = 0;
  while (count < commits.length && count < commitsPerGroup && points < pointsPerGroup) {
    for (const operation of commits[count]!.operations) if ('batch' in operation) points += operation.batch.times.length;
    count++;
  }
  return commits.splice(0, count);
}

function commit(group: readonly AskedFor<'commit'>[]): void {
  const outcomes = file!.commit(group);
  for (const [i, { call }] of group.entries()) {
    const outcome = outcomes[i]!;
    if ('error' in outcome) fail(call, outcome.error);
    else post({ kind: 'answer', call, answer: outcome.answers });
  }
}

function answer(question: Exclude<Asked, { kind: 'commit' | 'open' }>): void {
  const { call } = question;
  try {
    if (question.kind === 'close') {
      Promise.all(backups).then(
        () => close(call),
        (error) => fail(call, error),
      );
    } else if (question.kind === 'backup') {
      backUp(call, question.path);
    } else {
      const answered = file!.answer(question);
      if (answered === undefined) questions.push(question);
      else post({ kind: 'answer', call, answer: answered.answer }, question.kind === 'page' ? pageBuffers(answered.answer) : []);
    }
  } catch (error) {
    fail(call, error);
  }
}

function pageBuffers(answer: unknown): ArrayBuffer[] {
  const { page } = answer as Answers['page'];
  return page === undefined ? [] : buffersOf(page);
}

function backUp(call: number, path: string): void {
  const copied = file!.backup(path).then(
    () => post({ kind: 'answer', call, answer: undefined }),
    (error: unknown) => fail(call, error),
  );
  backups.add(copied);
  copied.finally(() => backups.delete(copied));
}

function close(call: number): void {
  try {
    file!.close();
    post({ kind: 'answer', call, answer: undefined });
  } catch (error) {
    fail(call, error);
  }
  port.close();
}

function fail(call: number, error: unknown): void {
  post({ kind: 'failure', call, error: toWireError(toAnySeriesError(error, settings.path)) });
}

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
