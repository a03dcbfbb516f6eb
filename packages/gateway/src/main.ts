#!/usr/bin/env node
import { runCommand } from './commands/run.ts';

// whoever reads the output may stop reading
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await runCommand(process.argv.slice(2), process);
