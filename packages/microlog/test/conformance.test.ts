import { conformance } from '@anyseries/conformance';
import { test } from 'vitest';
import { subjects } from './subjects.ts';

conformance(test, subjects.microlog!, { report: new URL('../conformance.json', import.meta.url) });
conformance(test, subjects['microlog-original']!);
