/** How far a subscription is behind, from Pulsar's admin REST API. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { PulsarSourceSpec } from '../../../api/trigger.ts';
import type { LagReporter, PartitionLag } from '../source.ts';
import { describeError } from './connection-failure.ts';
import type { Credentials } from './credentials.ts';
import { adminUrl } from './endpoint.ts';
import { type TopicName, topicPath, uniqueTopics } from './topic-name.ts';

/** The statistics of a topic, as far as they are needed. The broker counts entries: a batch of a producer is one. */
interface TopicStats {
  readonly subscriptions?: Readonly<Record<string, { readonly msgBacklog?: number }>>;
  /** By full name; of a partitioned topic. */
  readonly partitions?: Readonly<Record<string, TopicStats>>;
}

const TIMEOUT = 10_000;
const MAX_ANSWER = 16 * 1024 * 1024;

/** Rejects when the web service isn't known, doesn't answer, or refuses. */
export function createLagReporter(source: PulsarSourceSpec, credentials: Credentials): LagReporter {
  const { name } = source.subscription;
  return {
    async lag(signal) {
      const base = adminUrl(source);
      if (base === undefined) {
        throw new Error(`the lag isn't known: set webServiceUrl to Pulsar's web service, such as http://host:8080`);
      }
      const get = (path: string) => getJson(`${base}/admin/v2/${path}`, credentials, signal);
      const lags = await Promise.all(uniqueTopics(source.topics).map((topic) => topicLag(topic, name, get)));
      return lags.flat();
    },
  };
}

async function topicLag(
  topic: TopicName,
  subscription: string,
  get: (path: string) => Promise<unknown>,
): Promise<readonly PartitionLag[]> {
  const path = topicPath(topic);
  // The admin API's answers are described by its documentation; what isn't there stays absent.
  const { partitions } = (await get(`${path}/partitions`)) as { readonly partitions?: number };
  const isPartitioned = partitions !== undefined && partitions > 0;
  const stats = (await get(
    isPartitioned ? `${path}/partitioned-stats?perPartition=true` : `${path}/stats`,
  )) as TopicStats;
  const each = isPartitioned ? Object.entries(stats.partitions ?? {}) : [[topic.full, stats] as const];
  return each.flatMap(([partition, { subscriptions }]) => {
    const records = subscriptions?.[subscription]?.msgBacklog;
    return records === undefined ? [] : [{ partition, records }];
  });
}

async function getJson(url: string, credentials: Credentials, signal: AbortSignal): Promise<unknown> {
  const { host } = new URL(url);
  const token = credentials.token();
  const { status, body } = await get(url, {
    ...credentials.tls(url),
    // A kept connection may have been closed by the web service without our knowing.
    agent: false,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
  }).catch((cause: unknown) => {
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

function get(url: string, options: object): Promise<{ status: number; body: string }> {
  const request = new URL(url).protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER) call.destroy(new Error('the answer is too large'));
        chunks.push(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
}
