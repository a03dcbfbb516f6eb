import { conformance } from '@anyseries/conformance';
import { test } from 'vitest';
import { subjects } from './subjects.ts';

for (const subject of Object.values(subjects)) conformance(test, subject);
