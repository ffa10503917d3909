/** How far a subscription is behind, from Pulsar's admin REST API. */
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { PulsarSourceSpec } from '../../../api/trigger.ts';
import type { LagReporter, PartitionLag } from '../source.ts';
import { describeError } from './connection-failure.ts';
import type { Credentials } from './credentials.ts';
import { adminUrl } from './endpoint.ts';
import { ownRecords, type PartitionStats, type TopicStats } from './subscription-stats.ts';
import { type TopicName, topicPath, uniqueTopics } from './topic-name.ts';

const TIMEOUT = 10_000;
/** What the broker counts by the way may stay wrong after a crash. */
const PRECISE = 'getPreciseBacklog=true';
const MAX_ANSWER = 16 * 1024 * 1024;

export interface LagReporterOptions {
  readonly source: PulsarSourceSpec;
  readonly credentials: Credentials;
  /** What the broker knows this dispatcher's consumers by. */
  readonly consumerName: string;
}

export interface PulsarLagReporter extends LagReporter {
  /** What the last look saw; empty where it saw nothing. */
  readonly stats: readonly PartitionStats[];
}

/** Rejects when the web service isn't known, doesn't answer, or refuses. */
export function createLagReporter({ source, credentials, consumerName }: LagReporterOptions): PulsarLagReporter {
  const { name } = source.subscription;
  let stats: readonly PartitionStats[] = [];
  return {
    get stats() {
      return stats;
    },
    async lag(signal) {
      stats = [];
      const base = adminUrl(source);
      if (base === undefined) {
        throw new Error(`the lag isn't known: set webServiceUrl to Pulsar's web service, such as http://host:8080`);
      }
      const get = (path: string) => getJson(`${base}/admin/v2/${path}`, credentials, signal);
      const seen = await Promise.all(uniqueTopics(source.topics).map((topic) => topicStats(topic, name, get)));
      const all = seen.flat();
      const lags = all.flatMap(({ partition, subscription }): readonly PartitionLag[] => {
        const { msgBacklog: records } = subscription;
        return records === undefined ? [] : [{ partition, records, own: ownRecords(subscription, consumerName) }];
      });
      // Only what could be read is looked at further.
      stats = all;
      return lags;
    },
  };
}

async function topicStats(
  topic: TopicName,
  name: string,
  get: (path: string) => Promise<unknown>,
): Promise<readonly PartitionStats[]> {
  const path = topicPath(topic);
  // The admin API's answers are described by its documentation; what isn't there stays absent.
  const { partitions } = (await get(`${path}/partitions`)) as { readonly partitions?: number };
  const isPartitioned = partitions !== undefined && partitions > 0;
  const stats = (await get(
    isPartitioned ? `${path}/partitioned-stats?perPartition=true&${PRECISE}` : `${path}/stats?${PRECISE}`,
  )) as TopicStats;
  const each = isPartitioned ? Object.entries(stats.partitions ?? {}) : [[topic.full, stats] as const];
  return each.flatMap(([partition, of]) => {
    const subscription = of.subscriptions?.[name];
    return subscription === undefined ? [] : [{ partition, topic: of, subscription }];
  });
}

/** An answer of the admin API. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function getJson(url: string, credentials: Credentials, signal: AbortSignal): Promise<unknown> {
  const { host } = new URL(url);
  const { status, body } = await getAnswer(url, credentials, signal).catch((cause: unknown) => {
    if (signal.aborted) throw signal.reason;
    const { why } = describeError(cause, { broker: host, topic: '', subscription: '', now: Date.now() });
    throw new Error(`the lag isn't known: ${why}`, { cause });
  });
  if (status === 200) return JSON.parse(body);
  if (status === 401 || status === 403) {
    throw new Error(`the lag isn't known: ${host} answered ${status}; the token's role needs "consume" on the topic`);
  }
  throw new Error(`the lag isn't known: ${host} answered ${status} for ${new URL(url).pathname}`);
}

/** `wantsBody` is asked for the status of the answer: a body that nobody wants isn't read. */
export function getAnswer(
  url: string,
  credentials: Credentials,
  signal: AbortSignal,
  wantsBody: (status: number) => boolean = () => true,
): Promise<Answer> {
  const token = credentials.token();
  const options = {
    ...credentials.tls(url),
    // A kept connection may have been closed by the web service without our knowing.
    agent: false,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
  };
  return get(url, options, wantsBody);
}

function get(url: string, options: object, wantsBody: (status: number) => boolean): Promise<Answer> {
  const request = new URL(url).protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = request(url, options, (response) => {
      const { statusCode: status = 0, headers } = response;
      if (!wantsBody(status)) {
        resolve({ status, headers, body: '' });
        call.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER) call.destroy(new Error('the answer is too large'));
        chunks.push(chunk);
      });
      response.on('end', () => resolve({ status, headers, body: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    call.on('error', reject);
    // Without this listener, an answer that nobody asked for closes the connection with no event at all.
    call.on('upgrade', ({ statusCode: status = 0, headers }, socket) => {
      socket.destroy();
      resolve({ status, headers, body: '' });
    });
    call.end();
  });
}
