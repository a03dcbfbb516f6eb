/** `registering-process.ts <url> <token> <file>`: registers one device after another, keeps each id in the file, and says so before and after. */
import { textFile } from '@anyseries/core/node';
import { createClient } from '../src/index.ts';

const [url, token, file] = process.argv.slice(2) as [string, string, string];
const client = createClient({ url, token, projectId: 7, deviceStore: textFile(file) });
for (let i = 0; ; i++) {
  console.log('registering');
  await client.registerDevice({ deviceId: `${process.pid}-${i}-${'x'.repeat(200)}` });
  console.log('kept');
}
