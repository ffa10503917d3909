/** Asks a dispatcher how it is. The pod may be anything that a user runs: little is asked, and nothing is believed. */
import { createHash } from 'node:crypto';
import { Agent, type ClientRequest, get, type IncomingMessage } from 'node:http';
import { Check, Clean, Errors } from 'typebox/value';
import { type DispatcherStatus, dispatcherStatus } from '../../api/dispatcher-status.ts';
import { PROBES_PORT } from '../../common/dispatcher-pod.ts';
import { messageOf } from '../../common/errors.ts';
import type { PodObject } from '../kube/objects.ts';
import type { DispatcherReading } from './observed.ts';
import { LONGEST_HOLD, plainText } from './plain-text.ts';

const PATH = '/status';
/** Milliseconds for the whole answer, beside those that the dispatcher is asked to wait. */
const TIMEOUT = 2_000;
const LARGEST = 64 * 1024;

export interface ReadingOptions {
  /** Where a pod's dispatcher listens; by default its address and a fixed port, which nothing of the pod chooses. */
  readonly addressOf?: (pod: PodObject) => { readonly host: string; readonly port: number };
  /** Answer when there are other news than those, or after so long. */
  readonly wait?: Wait;
}

export interface Wait {
  /** Of the reading whose news are known. */
  readonly tag: string;
  /** That reading: itself is the answer where nothing is new. */
  readonly before?: DispatcherReading | undefined;
  /** Whole ones, at most 60. */
  readonly seconds: number;
  /** Ends the question, whose reading then says nothing. */
  readonly signal: AbortSignal;
}

type Address = ReturnType<NonNullable<ReadingOptions['addressOf']>>;

interface Answer {
  readonly body: string;
  readonly tag?: string;
}

/** Of the answers that readings were made of: the same answer needn't be checked again. */
const digests = new WeakMap<DispatcherReading, string>();

/** Something is there, but no dispatcher that we know how to read. */
class WrongAnswer extends Error {}

/** Never rejects. */
export async function readDispatcherStatus(pod: PodObject, options: ReadingOptions = {}): Promise<DispatcherReading> {
  const { name } = pod.metadata;
  const host = pod.status?.podIP;
  // Its address is its node's, where port 8080 may be anybody's.
  if (pod.spec?.hostNetwork === true) return { pod: name, why: "pods on the host's network aren't asked" };
  if (host === undefined) return { pod: name, why: 'the pod has no address yet' };
  try {
    const address = options.addressOf?.(pod) ?? { host, port: PROBES_PORT };
    const { body, tag } = await fetchStatus(address, options.wait);
    const before = options.wait?.before;
    const digest = createHash('sha1').update(`${tag}\n${body}`).digest('base64');
    if (before !== undefined && digests.get(before) === digest) return before;
    const reading: DispatcherReading = { pod: name, status: parseStatus(body), ...(tag !== undefined && { tag }) };
    digests.set(reading, digest);
    return reading;
  } catch (error) {
    const answered = error instanceof WrongAnswer;
    return { pod: name, why: plainText(messageOf(error)), ...(answered && { answered }) };
  }
}

/** Only what the schema names is kept, and texts are cut. */
function parseStatus(body: string): DispatcherStatus {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new WrongAnswer('its answer is not JSON');
  }
  if (!Check(dispatcherStatus, json)) {
    const [first] = Errors(dispatcherStatus, json);
    throw new WrongAnswer(`its answer is not a dispatcher's: ${first?.instancePath} ${first?.message}`);
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

const connections = new Agent({ keepAlive: true });

/** One GET; a redirect is a wrong answer like any other. */
function fetchStatus({ host, port }: Address, wait: Wait | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timeout = TIMEOUT + (wait?.seconds ?? 0) * 1000;
    const limit = AbortSignal.timeout(timeout);
    const request: ClientRequest = get({
      host,
      port,
      path: PATH,
      // The next question is begun when this one is answered: it finds the connection open.
      agent: wait === undefined ? false : connections,
      signal: wait === undefined ? limit : AbortSignal.any([limit, wait.signal]),
      maxHeaderSize: 8192,
      headers: wait === undefined ? {} : { 'if-none-match': wait.tag, prefer: `wait=${wait.seconds}` },
    });
    const fail = (error: unknown) => reject(limit.aborted ? new Error(`no answer within ${timeout} ms`) : error);
    request.once('error', fail);
    // Without this listener, an answer that nobody asked for closes the connection with no event at all.
    request.once('upgrade', ({ statusCode }, socket) => {
      socket.destroy();
      fail(new WrongAnswer(`it answered ${statusCode}`));
    });
    request.once('response', (response) => {
      readText(response).then(
        (body) => resolve({ body, ...tagOf(response) }),
        (error: unknown) => {
          request.destroy();
          fail(error);
        },
      );
    });
  });
}

/** Dispatchers of earlier versions have none; what isn't like ours is none. */
function tagOf({ headers: { etag } }: IncomingMessage): { readonly tag?: string } {
  return etag !== undefined && /^"[-\w]{1,64}"$/.test(etag) ? { tag: etag } : {};
}

async function readText(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) throw new WrongAnswer(`it answered ${response.statusCode}`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST) throw new WrongAnswer(`its answer is longer than ${LARGEST} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
