import { testVectors } from '../../../tooling/vectors/run.ts';
import { calls } from './calls.ts';
import { world } from './world.ts';

testVectors(new URL('./vectors/', import.meta.url), world, calls);
