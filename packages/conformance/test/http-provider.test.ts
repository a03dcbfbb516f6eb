import { conformance } from '@anyseries/conformance';
import { test } from 'vitest';
import { poor, rich } from './http-provider/subjects.ts';

conformance(test, rich);
conformance(test, poor);
