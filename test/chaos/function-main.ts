/** The function of the fault test, in a process of its own: fails as told over the channel, and writes down every call. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallLog, dispatcherOf } from '../support/call-log.ts';
import { closeMidHead, hang, type Reply, reset } from '../support/function-server.ts';
import type { Answer, Order } from './function-process.ts';
import { createRandom, FUNCTION_FAULTS, type FunctionFault } from './schedule.ts';

const random = createRandom(Number(process.argv[2]));
const log = new CallLog();
const deaths = new Map<string, number>();
let burst: { readonly fault: FunctionFault; left: number } | undefined;
let struck = 0;
let slower = 0;

const REPLIES: Readonly<Record<FunctionFault, Reply>> = {
  '500': (response) => response.writeHead(500).end(),
  '503': (response) => response.writeHead(503, { 'retry-after': '0' }).end(),
  hang,
  reset,
  cut: closeMidHead,
};
/** Of all calls outside bursts. */
const SPOILED = 0.005;
/** Milliseconds that a call takes at least, and how much longer it may take. */
const LEAST_TIME = 5;
const TIME_SPREAD = 20;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => serve(request, Buffer.concat(chunks), response));
});
server.listen(0, '127.0.0.1', () => tell({ kind: 'listening', port: (server.address() as AddressInfo).port }));

function serve({ url = '', headers }: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const { id } = JSON.parse(body.toString()) as { id: string };
  log.begin({ id, eventId: String(headers['event-id']), dispatcher: dispatcherOf(url) }, response);
  const fault = nextFault();
  if (fault !== undefined) REPLIES[fault](response);
  else setTimeout(() => response.writeHead(204).end(), LEAST_TIME + slower + random() * TIME_SPREAD);
}

function nextFault(): FunctionFault | undefined {
  if (burst !== undefined && burst.left > 0) {
    burst.left -= 1;
    struck += 1;
    return burst.fault;
  }
  if (random() >= SPOILED) return undefined;
  return FUNCTION_FAULTS[Math.floor(random() * FUNCTION_FAULTS.length)];
}

const OBEY: Readonly<Record<Order['kind'], (order: Order) => void>> = {
  burst: (order) => {
    if (order.kind === 'burst') burst = { fault: order.fault, left: order.calls };
  },
  slow: (order) => {
    if (order.kind === 'slow') slower = order.by;
  },
  died: (order) => {
    if (order.kind !== 'died') return;
    deaths.set(order.dispatcher, log.timeOfTurn());
    tell({ kind: 'noted' });
  },
  report: () => tell({ kind: 'report', calls: log.calls, deaths }),
};

process.on('message', (order: Order) => OBEY[order.kind](order));
process.on('disconnect', () => process.exit());
setInterval(() => tell({ kind: 'progress', delivered: log.delivered.size, open: log.open, struck }), 5);

function tell(answer: Answer): void {
  process.send?.(answer);
}
