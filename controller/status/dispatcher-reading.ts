/** Asks a dispatcher how it is. The pod may be anything that a user runs: little is asked, and nothing is believed. */
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { Check, Clean, Errors } from 'typebox/value';
import { type DispatcherStatus, dispatcherStatus } from '../../api/dispatcher-status.ts';
import { PROBES_PORT } from '../../common/dispatcher-pod.ts';
import { messageOf } from '../../common/errors.ts';
import type { PodObject } from '../kube/objects.ts';
import type { DispatcherReading } from './observed.ts';
import { LONGEST_HOLD, plainText } from './plain-text.ts';

const PATH = '/status';
/** Milliseconds for the whole answer. */
const TIMEOUT = 2_000;
const LARGEST = 64 * 1024;

export interface ReadingOptions {
  /** Where a pod's dispatcher listens; by default its address and a fixed port, which nothing of the pod chooses. */
  readonly addressOf?: (pod: PodObject) => { readonly host: string; readonly port: number };
}

/** Never rejects. */
export async function readDispatcherStatus(pod: PodObject, options: ReadingOptions = {}): Promise<DispatcherReading> {
  const { name } = pod.metadata;
  const host = pod.status?.podIP;
  // Its address is its node's, where port 8080 may be anybody's.
  if (pod.spec?.hostNetwork === true) return { pod: name, why: "pods on the host's network aren't asked" };
  if (host === undefined) return { pod: name, why: 'the pod has no address yet' };
  try {
    const body = await fetchText(options.addressOf?.(pod) ?? { host, port: PROBES_PORT });
    return { pod: name, status: parseStatus(body) };
  } catch (error) {
    return { pod: name, why: plainText(messageOf(error)) };
  }
}

/** Only what the schema names is kept, and texts are cut. */
function parseStatus(body: string): DispatcherStatus {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new Error('its answer is not JSON');
  }
  if (!Check(dispatcherStatus, json)) {
    const [first] = Errors(dispatcherStatus, json);
    throw new Error(`its answer is not a dispatcher's: ${first?.instancePath} ${first?.message}`);
  }
  const known = Clean(dispatcherStatus, json);
  // Cleaned of what the schema doesn't name, what passed the check still passes; texts stay texts.
  const cut = cutTexts(known) as DispatcherStatus;
  const { heldBack } = known as DispatcherStatus;
  return heldBack === undefined ? cut : { ...cut, heldBack: holdOf(heldBack) };
}

function holdOf({ reason, why }: NonNullable<DispatcherStatus['heldBack']>) {
  return { reason: plainText(reason), why: plainText(why, LONGEST_HOLD) };
}

function cutTexts(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(cutTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, cutTexts(field)]));
}

/** One GET on a connection of its own; a redirect is a wrong answer like any other. */
function fetchText({ host, port }: { readonly host: string; readonly port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT);
    const request: ClientRequest = get({ host, port, path: PATH, agent: false, signal, maxHeaderSize: 8192 });
    request.once('error', (error) => reject(signal.aborted ? new Error(`no answer within ${TIMEOUT} ms`) : error));
    request.once('response', (response) => {
      readText(response).then(resolve, (error: unknown) => {
        request.destroy();
        reject(signal.aborted ? new Error(`no answer within ${TIMEOUT} ms`) : error);
      });
    });
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) throw new Error(`it answered ${response.statusCode}`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST) throw new Error(`its answer is longer than ${LARGEST} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
