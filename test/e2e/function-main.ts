/** The function that runs in pods: takes its time, accepts everything, and tells at `/calls` what it saw. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CallLog } from '../support/call-log.ts';

const log = new CallLog();
/** Milliseconds that a call takes, so that there is something in flight when a fault strikes. */
const LEAST_TIME = 10;
const TIME_SPREAD = 30;

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(log.calls));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => serve(request, Buffer.concat(chunks), response));
});
server.listen(8080);

function serve({ headers, socket }: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const { id } = JSON.parse(body.toString()) as { id: string };
  log.begin({ id, eventId: String(headers['event-id']), dispatcher: String(socket.remoteAddress) }, response);
  setTimeout(() => response.writeHead(204).end(), LEAST_TIME + Math.random() * TIME_SPREAD);
}

process.on('SIGTERM', () => process.exit());
