import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { waitFor } from '../support/wait-for.ts';
import { nodeOf, useEnvironment } from './environment.ts';

describe('a node of the tests', () => {
  const environment = useEnvironment();

  it('starts beside another, and leaves nothing when the process that started it is killed', async function () {
    this.timeout(120_000);
    // On a machine that has none there is none to be left.
    nodeOf(environment(), this);
    const owner = fork(fileURLToPath(new URL('node-owner.ts', import.meta.url)), { execArgv: [] });
    const [{ hostAddress, folders, archive }] = (await once(owner, 'message')) as [Traces];
    expect(hasAddress(hostAddress)).to.equal(true);

    owner.kill('SIGKILL');
    await waitFor(() => !hasAddress(hostAddress), { timeout: 30_000, what: 'the link to be gone' });
    await waitFor(() => !folders.some(existsSync), { timeout: 30_000, what: 'the data to be removed' });
    await rm(dirname(archive), { recursive: true });
  });
});

interface Traces {
  readonly hostAddress: string;
  readonly folders: readonly string[];
  readonly archive: string;
}

function hasAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some((each) => each.address === address));
}
