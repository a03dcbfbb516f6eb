import fc from 'fast-check';

const fastCheckDefault = 100;

// the long runs of .ci/full try every property many times more often
fc.configureGlobal({ numRuns: fastCheckDefault * Number(process.env.ANYSERIES_RUNS ?? 1) });
