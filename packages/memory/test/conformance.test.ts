import { conformance } from '@anyseries/conformance';
import { test } from 'vitest';
import { subjects } from './subjects.ts';

conformance(test, subjects.memory!, { report: new URL('../conformance.json', import.meta.url) });
conformance(test, subjects.mirror!);
conformance(test, subjects.writer!);
