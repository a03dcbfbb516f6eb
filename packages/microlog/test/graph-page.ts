import { startGateway } from '@anyseries/gateway';
import { connect as connectToMemory } from '@anyseries/memory';
import { type Browser, chromium } from 'playwright-core';
import { standingClock } from './service.ts';
import { arrangeWorld, type WorldUser } from './world.ts';

const executablePath = '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-sync',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args });
}

/** A gateway with these users, at the time of the protocol document's vectors. */
export async function startPages(users: readonly WorldUser[], points: Parameters<typeof arrangeWorld>[2] = {}) {
  const clock = standingClock();
  const store = connectToMemory({ clock });
  await arrangeWorld(store, users, points);
  const settings = { microlog: { signUpProject: 'default' } };
  const gateway = await startGateway({ store, port: 0, protocols: ['microlog'], clock, settings, log: { level: 'silent' } });
  return {
    url: gateway.url.replace(/\/$/, ''),
    store,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await store.close();
    },
  };
}
