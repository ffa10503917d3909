/** The function that runs in pods: takes its time, accepts everything, and tells at `/calls` what it saw. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CallLog } from '../support/call-log.ts';
import type { Call } from '../support/ledger.ts';

const log = new CallLog();
/**
 * When each call was answered. That the answer is out is heard a little later, when another pod may have the next call
 * already; by that time the two would seem to overlap.
 */
const answered = new Map<number, number>();
/** Milliseconds that a call takes, so that there is something in flight when a fault strikes. */
const LEAST_TIME = 10;
const TIME_SPREAD = 30;

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(log.calls.map(toAnswer)));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => serve(request, Buffer.concat(chunks), response));
});
server.listen(8080);

function serve({ headers, socket }: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const { id } = JSON.parse(body.toString()) as { id: string };
  const place = log.calls.length;
  log.begin({ id, eventId: String(headers['event-id']), dispatcher: String(socket.remoteAddress) }, response);
  const answer = () => {
    answered.set(place, performance.timeOrigin + performance.now());
    response.writeHead(204).end();
  };
  setTimeout(answer, LEAST_TIME + Math.random() * TIME_SPREAD);
}

function toAnswer(call: Call, place: number): Call {
  const end = answered.get(place);
  return call.delivered && end !== undefined ? { ...call, end } : call;
}

process.on('SIGTERM', () => process.exit());
