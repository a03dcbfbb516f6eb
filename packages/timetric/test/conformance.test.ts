import { conformance } from '@anyseries/conformance';
import { test } from 'vitest';
import { subjects } from './subjects.ts';

conformance(test, subjects.timetric!, { report: new URL('../conformance.json', import.meta.url) });
