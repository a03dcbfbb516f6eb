import { testVectors } from '../../../tooling/vectors/run.ts';
import { world } from './world.ts';

testVectors(new URL('./vectors/', import.meta.url), world, { operations: [], hasCredentials: () => false, sign: undefined } as never);
