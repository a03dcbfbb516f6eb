/** The suite that every anyseries provider passes. */
export { type ConformanceOptions, conformance, type Test } from './conformance.ts';
export { checkRemains, commitUntilKilled } from './crash.ts';
export type { Report } from './report.ts';
export type { ConnectOptions, CrashRemains, Subject, SubjectServer, WriteVerdict } from './subject.ts';
export { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
export { wrapSink } from './wrap-sink.ts';
