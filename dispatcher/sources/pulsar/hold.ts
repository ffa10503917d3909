/** Why Pulsar keeps records although they are wanted: its limits, and records that no dispatcher can read. */
import { looksLikePattern } from '../../../api/kinds/pulsar-trigger.ts';
import type { PulsarSourceSpec } from '../../../api/trigger.ts';
import type { Hold, HoldReporter, ReadingView } from '../source.ts';
import type { Credentials } from './credentials.ts';
import { adminUrl } from './endpoint.ts';
import { getAnswer } from './lag.ts';
import { type OldestRecord, oldestOf, oldestPath } from './oldest-record.ts';
import { isAtUnackedLimit, ownRecords, type PartitionStats } from './subscription-stats.ts';
import { throttledBy } from './throttling.ts';
import { parseTopicName, topicPath } from './topic-name.ts';

export interface HoldReporterOptions {
  readonly source: PulsarSourceSpec;
  readonly credentials: Credentials;
  readonly consumerName: string;
  /** What the last look at the lag saw. */
  readonly stats: () => readonly PartitionStats[];
}

/** Partitions whose oldest record is peeked at, a look: those that are furthest behind. */
const MOST_PEEKED = 8;
/** The part of a backlog quota that counts as reached: the broker drops the oldest records down to 90 %. */
const NEARLY = 0.9;

/** A partition that has records for this dispatcher. */
interface Behind {
  readonly stats: PartitionStats;
  readonly own: number;
  readonly oldest: OldestRecord | undefined;
}

export function createHoldReporter({ source, credentials, consumerName, stats }: HoldReporterOptions): HoldReporter {
  let before: readonly PartitionStats[] = [];

  const peek = async (partition: string, signal: AbortSignal): Promise<OldestRecord | undefined> => {
    const base = adminUrl(source);
    if (base === undefined) return undefined;
    const path = oldestPath(topicPath(parseTopicName(partition)), source.subscription.name);
    try {
      return oldestOf(await getAnswer(`${base}/admin/v2/${path}`, credentials, signal, (status) => status !== 200));
    } catch {
      // Nothing is known of it, then; that the admin API doesn't answer is told with the lag.
      return undefined;
    }
  };

  return {
    async hold(view, signal) {
      const now = stats();
      const earlier = before;
      before = now;
      const owns = now
        .map((of) => ({ stats: of, own: ownRecords(of.subscription, consumerName) }))
        .filter(({ own }) => own > 0);
      const isBehind = owns.reduce((sum, { own }) => sum + own, 0) > view.records;
      const furthest = isBehind ? owns.toSorted((a, b) => b.own - a.own).slice(0, MOST_PEEKED) : [];
      const behind = await Promise.all(
        furthest.map(async (of): Promise<Behind> => ({ ...of, oldest: await peek(of.stats.partition, signal) })),
      );
      return (
        unreadable(behind, view) ??
        unackedLimit(now, view, source, consumerName) ??
        patternAsName(source, view) ??
        rateLimit(owns, earlier, view, source) ??
        backlogQuota(now) ??
        nothingArrives(behind, view, source)
      );
    },
  };
}

function unreadable(behind: readonly Behind[], { isInHand }: ReadingView): Hold | undefined {
  for (const { stats, oldest } of behind) {
    if (oldest?.unreadable === undefined || holds(isInHand, stats.partition, oldest)) continue;
    const why = `the oldest record of ${where(stats.partition, oldest)} can't be read: ${oldest.unreadable}`;
    return { reason: 'RecordsUnreadable', why };
  }
  return undefined;
}

function unackedLimit(
  all: readonly PartitionStats[],
  { idle }: ReadingView,
  { subscription: { name } }: PulsarSourceSpec,
  consumerName: string,
): Hold | undefined {
  if (!idle) return undefined;
  for (const { partition, subscription } of all) {
    const limited = isAtUnackedLimit(subscription, consumerName);
    if (limited === undefined) continue;
    const { tenant, namespace } = parseTopicName(partition);
    const { unackedMessages = 0 } = subscription;
    const why =
      `the broker stops at ${unackedMessages} unacknowledged records of subscription "${name}" on ${partition}, its ` +
      `limit for a ${limited}, until half of them are acknowledged: mend the function if it fails, set ` +
      'delivery.retry.maxAttempts or delivery.deadLetter, or raise the limit (pulsar-admin namespaces ' +
      `set-max-unacked-messages-per-${limited} ${tenant}/${namespace}) and restart the dispatcher`;
    return { reason: 'UnacknowledgedLimit', why };
  }
  return undefined;
}

function patternAsName({ topics }: PulsarSourceSpec, { received }: ReadingView): Hold | undefined {
  const pattern = topics.find(looksLikePattern);
  if (received || pattern === undefined) return undefined;
  const why =
    `nothing has come of topic ${JSON.stringify(pattern)}, which is taken as a name: patterns aren't supported, so if ` +
    'it is one, list the topics in "topics"';
  return { reason: 'PatternAsName', why };
}

function rateLimit(
  owns: readonly { readonly stats: PartitionStats }[],
  earlier: readonly PartitionStats[],
  { wanting }: ReadingView,
  { subscription: { name } }: PulsarSourceSpec,
): Hold | undefined {
  if (!wanting) return undefined;
  for (const { stats } of owns) {
    const then = earlier.find(({ partition }) => partition === stats.partition);
    const limit = then === undefined ? undefined : throttledBy(then.subscription, stats.subscription);
    if (limit === undefined) continue;
    const why =
      `the broker holds records of subscription "${name}" on ${stats.partition} back by its dispatch rate limit for ` +
      `the ${limit.of} (${limit.unit}): raise it (${limit.command(parseTopicName(stats.partition))})`;
    return { reason: 'DispatchRateLimit', why };
  }
  return undefined;
}

function backlogQuota(all: readonly PartitionStats[]): Hold | undefined {
  for (const { partition, topic } of all) {
    const { backlogSize = 0, backlogQuotaLimitSize = -1 } = topic;
    if (backlogQuotaLimitSize <= 0 || backlogSize < NEARLY * backlogQuotaLimitSize) continue;
    const why =
      `the backlog of ${partition} has ${backlogSize} bytes, and its quota is ${backlogQuotaLimitSize}: the broker ` +
      'refuses producers, or drops the oldest records undelivered, as its policy says: let the function catch up, ' +
      'remove subscriptions that nobody uses, or raise the quota (pulsar-admin namespaces set-backlog-quota)';
    return { reason: 'BacklogQuota', why };
  }
  return undefined;
}

function nothingArrives(
  behind: readonly Behind[],
  { starving, isInHand }: ReadingView,
  { subscription: { name } }: PulsarSourceSpec,
): Hold | undefined {
  if (!starving) return undefined;
  const waiting = behind.filter(
    ({ stats, oldest }) => oldest === undefined || !holds(isInHand, stats.partition, oldest),
  );
  // Where all of them are in hand, others wait behind.
  const [found = behind[0]] = waiting;
  if (found === undefined) return undefined;
  const { partition } = found.stats;
  const oldest = waiting.length === 0 ? undefined : found.oldest;
  const note = oldest?.note === undefined ? '' : ` (${oldest.note})`;
  const why =
    `records of subscription "${name}" wait and are wanted, and none comes; the oldest is of ` +
    `${where(partition, oldest)}${note}: see pulsar-admin topics stats and the broker's log; a damaged record ` +
    `is passed over with pulsar-admin topics skip --count 1 --subscription ${name} ${partition}`;
  return { reason: 'NothingArrives', why };
}

function holds(isInHand: ReadingView['isInHand'], partition: string, { position }: OldestRecord): boolean {
  return position !== undefined && isInHand(partition, (inHand) => inHand.startsWith(`${position}:`));
}

function where(partition: string, oldest: OldestRecord | undefined): string {
  return oldest?.position === undefined ? partition : `${partition}, at ${oldest.position},`;
}
