/**
 * Runs a server on behalf of a test process and ends it when that process dies, however it dies.
 *
 * `node guard.ts <folder> <command> <argument…>` with an IPC channel to the test process. It sends `{ pid }` of the
 * server once, exits when the server exits, and, when the channel closes, kills the server and removes `folder`.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [folder, command, ...args] = process.argv.slice(2);
if (folder === undefined || command === undefined) throw new Error('usage: guard.ts <folder> <command> <argument…>');

// A Ctrl-C is for the test process, which stops its servers in order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

let orphaned = false;
const server = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
process.on('disconnect', () => {
  orphaned = true;
  server.kill('SIGKILL');
});
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.on('exit', () => {
  if (orphaned) rmSync(folder, { recursive: true, force: true });
  process.exit();
});
if (server.pid !== undefined) process.send?.({ pid: server.pid });
