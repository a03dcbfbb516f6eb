import { emptyAnswer } from './answer.ts';
import { deleteData, readAllData, readData } from './data.ts';
import type { Handler } from './exchange.ts';
import { findPoints } from './find.ts';
import { aggregate, readTable } from './merged.ts';
import { readRollups } from './rollups.ts';
import { readSegment } from './segment.ts';
import { createSeries, deleteAllSeries, deleteSeries, getSeries, listSeries, updateSeries } from './series.ts';
import { readSingle, readSingles } from './single.ts';
import { readBareSummary, readSummary } from './summary.ts';
import { incrementBulk, incrementMulti, incrementSeries, writeBulk, writeMulti, writeSeries } from './write.ts';

/** Whatever the credentials were that it needed, nobody has them (section 3). */
const createDatabase: Handler = async () => emptyAnswer(403);

/** All that the service can do, by method and path; both generations are there at once (chapter 5). */
export const operations: ReadonlyMap<string, Handler> = new Map([
  ['POST series', createSeries],
  ['GET series', listSeries],
  ['DELETE series', deleteAllSeries],
  ['GET {series}', getSeries],
  ['PUT {series}', updateSeries],
  ['DELETE {series}', deleteSeries],
  ['POST {series}/data', writeSeries],
  ['GET {series}/data', readData],
  ['DELETE {series}/data', deleteData],
  ['POST {series}/increment', incrementSeries],
  ['GET {series}/segment', readSegment],
  ['GET {series}/data/segment', readSegment],
  ['GET {series}/data/rollups/segment', readRollups],
  ['GET {series}/find', findPoints],
  ['GET {series}/single', readSingle],
  ['GET {series}/summary', readSummary],
  ['GET {series}/data/summary', readBareSummary],
  ['POST data', writeBulk],
  ['GET data', readAllData],
  ['POST increment', incrementBulk],
  ['POST multi', writeMulti],
  ['GET multi', readTable],
  ['POST multi/increment', incrementMulti],
  ['GET segment', aggregate],
  ['GET data/segment', aggregate],
  ['GET single', readSingles],
  ['POST database', createDatabase],
]);
