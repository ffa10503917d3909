/** A function in a process of its own: HTTP/1.1 over bare sockets with ready-made answers, so that it is never what limits. */
import { createServer, type Socket } from 'node:net';
import { createRandom } from '../test/chaos/schedule.ts';
import { drawFault, type Fault } from './fault-plan.ts';
import type { Behaviour, Command, Reply } from './function-process.ts';

const OK = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 'latin1');
const FAILED = Buffer.from('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n', 'latin1');
const HEAD_END = Buffer.from('\r\n\r\n', 'latin1');

let latency = 0;
let hangAll = false;
let failing: ReadonlySet<string> = new Set();
let hanging: ReadonlySet<string> = new Set();
let ledger = false;
let faults: { readonly of: (key: string) => Fault | undefined; readonly hang: number } | undefined;

let answered = 0;
let refused = 0;
let held = 0;
let inversions = 0;
let captured: string[] = [];
let captures = 0;
const lastNumber = new Map<string, number>();
const answeredOf = new Map<string, number>();
let cpu = process.cpuUsage();

const server = createServer({ noDelay: true }, serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listening: no port was given');
  reply({ type: 'listening', port: address.port });
});

process.on('message', (command: Command) => {
  if (command.type === 'behave') behave(command.behaviour);
  if (command.type === 'capture') captures = command.requests;
  reply({
    type: 'report',
    report: {
      answered,
      refused,
      held,
      inversions,
      cpuMicros: cpuSince(),
      captured,
      answeredOf: ledger ? Object.fromEntries(answeredOf) : {},
    },
  });
  captured = [];
});
// The parent's death is the end of this process too: nothing is left behind.
process.on('disconnect', () => process.exit(0));

/** Reads one request after another from a connection, whatever the chunks; each is answered as soon as its body ended. */
function serve(socket: Socket): void {
  let rest: Buffer | undefined;
  let bodyLeft = 0;
  let head = '';

  socket.on('data', (data: Buffer) => {
    let chunk = rest === undefined ? data : Buffer.concat([rest, data]);
    rest = undefined;
    while (chunk.length > 0) {
      if (bodyLeft === 0) {
        const end = chunk.indexOf(HEAD_END);
        if (end < 0) {
          rest = chunk;
          return;
        }
        // Only what must look at a request pays for its text.
        head = isPlain() ? '' : chunk.toString('latin1', 0, end);
        bodyLeft = contentLength(chunk, end);
        chunk = chunk.subarray(end + HEAD_END.length);
        if (bodyLeft === 0) answer(socket, head);
      }
      const taken = Math.min(bodyLeft, chunk.length);
      if (taken === 0) continue;
      bodyLeft -= taken;
      chunk = chunk.subarray(taken);
      if (bodyLeft === 0) answer(socket, head);
    }
  });
  socket.on('error', () => socket.destroy());
}

function answer(socket: Socket, head: string): void {
  if (head === '') {
    send(socket, OK);
    answered += 1;
    return;
  }
  if (captures > 0) {
    captures -= 1;
    captured.push(head);
  }
  const key = headerOf(head, 'ce-partitionkey') ?? '';
  if (hangAll || hanging.has(key)) {
    held += 1;
    return;
  }
  if (failing.has(key)) {
    refused += 1;
    send(socket, FAILED);
    return;
  }
  const fault = faults?.of(key);
  if (fault !== undefined) {
    refused += 1;
    if (fault === 'reset') socket.resetAndDestroy();
    else send(socket, FAILED, fault === 'hang' ? faults?.hang : latency);
    return;
  }
  answered += 1;
  if (ledger) note(key, head);
  send(socket, OK);
}

/** A number that doesn't rise within its key was overtaken or sent twice. */
function note(key: string, head: string): void {
  const id = headerOf(head, 'event-id') ?? '';
  const number = Number(id.slice(id.lastIndexOf(':') + 1));
  const last = lastNumber.get(key);
  if (last !== undefined && !(number > last)) inversions += 1;
  lastNumber.set(key, number);
  answeredOf.set(key, (answeredOf.get(key) ?? 0) + 1);
}

function send(socket: Socket, response: Buffer, after = latency): void {
  if (after > 0) setTimeout(() => socket.writable && socket.write(response), after);
  else socket.write(response);
}

function isPlain(): boolean {
  return !ledger && !hangAll && faults === undefined && captures === 0 && failing.size === 0 && hanging.size === 0;
}

function contentLength(chunk: Buffer, end: number): number {
  let at = chunk.indexOf('content-length: ', 0, 'latin1');
  if (at < 0 || at > end) at = chunk.toString('latin1', 0, end).toLowerCase().indexOf('content-length: ');
  if (at < 0) return 0;
  let length = 0;
  for (let i = at + 16; i < end; i += 1) {
    const digit = (chunk[i] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  return length;
}

function headerOf(head: string, name: string): string | undefined {
  const at = head.indexOf(`\r\n${name}: `);
  if (at < 0) return undefined;
  const from = at + name.length + 4;
  const to = head.indexOf('\r\n', from);
  return head.slice(from, to < 0 ? undefined : to);
}

function behave(behaviour: Behaviour): void {
  latency = behaviour.latency ?? 0;
  hangAll = behaviour.hangAll ?? false;
  failing = new Set(behaviour.failing);
  hanging = new Set(behaviour.hanging);
  ledger = behaviour.ledger ?? false;
  faults = behaviour.faults && faultsOf(behaviour.faults);
  if (behaviour.fresh === true) lastNumber.clear();
}

function faultsOf(behaviour: NonNullable<Behaviour['faults']>): typeof faults {
  const { prefix, seed, hang } = behaviour;
  const random = createRandom(seed);
  return { hang, of: (key) => (key.startsWith(prefix) ? drawFault(behaviour, random) : undefined) };
}

function cpuSince(): number {
  const used = process.cpuUsage(cpu);
  cpu = process.cpuUsage();
  return used.user + used.system;
}

function reply(message: Reply): void {
  process.send?.(message);
}
