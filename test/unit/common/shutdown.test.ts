import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { waitFor } from '../../support/wait-for.ts';

const SHUTDOWN = new URL('../../../common/shutdown.ts', import.meta.url).href;
/** Stops when a line comes in. */
const PROGRAM = `
  import { once } from 'node:events';
  import { onShutdown } from ${JSON.stringify(SHUTDOWN)};
  onShutdown({ stop: async () => { console.log('stopping'); await once(process.stdin, 'data'); } });
  console.log('ready');
  setInterval(() => {}, 1000);
`;

describe('onShutdown', () => {
  let program: ChildProcess;
  let output = '';
  const said = (word: string) => waitFor(() => output.includes(word), { what: () => `"${word}" in: ${output}` });
  const ended = async () => (await once(program, 'exit'))[0];

  beforeEach(async () => {
    output = '';
    program = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    program.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    await said('ready');
  });
  afterEach(() => program.kill('SIGKILL'));

  it('stops the program and exits 0', async () => {
    program.kill('SIGTERM');
    await said('stopping');
    program.stdin?.write('\n');
    expect(await ended()).equals(0);
  });

  it('takes a signal that comes twice at once for one', async () => {
    program.kill('SIGINT');
    program.kill('SIGINT');
    await said('stopping');
    program.kill('SIGINT');
    program.stdin?.write('\n');
    expect(await ended()).equals(0);
  });

  it('ends at once when told again', async () => {
    program.kill('SIGINT');
    await said('stopping');
    const again = setInterval(() => program.kill('SIGINT'), 50);
    expect(await ended()).equals(130);
    clearInterval(again);
  });
});
