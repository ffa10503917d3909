/** Writes transitions as Events. A trigger that flaps gets one Event of each kind in ten minutes, with a count. */
import { createHash } from 'node:crypto';
import { messageOf } from '../../common/errors.ts';
import type { Logger } from '../../common/logger.ts';
import { type KubeClient, saysTerminating } from '../kube/client.ts';
import type { TriggerObject } from '../kube/objects.ts';
import { plainText } from './plain-text.ts';
import type { Transition } from './transitions.ts';

export { type Transition, transitions } from './transitions.ts';

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'request'>;
  /** The controller's pod, or any other name that tells controllers apart. */
  readonly instance: string;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface EventRecorder {
  /**
   * `trigger` with its kind and apiVersion. Never rejects: an Event that can't be written is logged. Resolves with
   * undefined where none was to be written: a count can wait, and a namespace that is about to go takes none.
   */
  record(trigger: TriggerObject, transition: Transition): Promise<'done' | 'failed' | undefined>;
}

/** The API server's bounds. */
const LONGEST_NOTE = 1024;
const LONGEST_INSTANCE = 128;
const LONGEST_NAME = 253;
/** Milliseconds in which the same again is the same Event. */
const SERIES = 600_000;
/** Milliseconds between two writes of a series' count. */
const COUNT_EVERY = 60_000;
/** Events that are remembered. */
const MOST = 10_000;

interface Series {
  readonly name: string;
  readonly startedAt: number;
  count: number;
  writtenAt: number;
}

export function createEventRecorder({ client, instance, logger, now = Date.now }: EventRecorderOptions): EventRecorder {
  /** The oldest first. */
  const known = new Map<string, Series>();
  /** Namespaces that are about to go, and were spoken of. */
  const ending = new Set<string>();

  function begin(key: string, trigger: TriggerObject): Series {
    known.delete(key);
    for (const [oldest, { startedAt }] of known) {
      if (known.size < MOST && now() - startedAt < SERIES) break;
      known.delete(oldest);
    }
    const startedAt = now();
    const digest = createHash('sha256').update(`${key} ${startedAt} ${instance}`).digest('hex').slice(0, 16);
    const short = trigger.metadata.name.slice(0, LONGEST_NAME - digest.length - 1).replace(/[^a-z0-9]+$/, '');
    const name = `${short}.${digest}`;
    const series = { name, startedAt, count: 1, writtenAt: startedAt };
    known.set(key, series);
    return series;
  }

  async function write(key: string, trigger: TriggerObject, transition: Transition): Promise<'done' | undefined> {
    const { namespace = 'default' } = trigger.metadata;
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    const series = known.get(key);
    if (series === undefined || now() - series.startedAt >= SERIES) {
      const { name } = begin(key, trigger);
      await client.request({
        method: 'POST',
        path,
        body: eventOf(trigger, transition, { name, instance, now: now() }),
      });
      return 'done';
    }
    series.count += 1;
    if (series.count > 2 && now() - series.writtenAt < COUNT_EVERY) return undefined;
    series.writtenAt = now();
    await client.request({
      method: 'PATCH',
      path: `${path}/${series.name}`,
      contentType: 'application/merge-patch+json',
      body: { series: { count: series.count, lastObservedTime: microTime(now()) } },
    });
    return 'done';
  }

  function tellEnding(namespace: string): void {
    if (ending.has(namespace)) return;
    ending.add(namespace);
    const [oldest] = ending;
    if (ending.size > MOST && oldest !== undefined) ending.delete(oldest);
    logger.info({ namespace }, 'the namespace is being deleted: no Events are written there');
  }

  return {
    async record(trigger, transition) {
      const { name, namespace = 'default', uid } = trigger.metadata;
      const key = `${uid} ${transition.type} ${transition.reason}`;
      try {
        const written = await write(key, trigger, transition);
        if (written !== undefined) ending.delete(namespace);
        return written;
      } catch (error) {
        // It may not be there to be counted.
        known.delete(key);
        if (saysTerminating(error)) {
          tellEnding(namespace);
          return undefined;
        }
        logger.warn(
          { trigger: name, namespace, reason: transition.reason, err: messageOf(error) },
          'writing an Event failed',
        );
        return 'failed';
      }
    },
  };
}

function eventOf(
  { apiVersion, kind, metadata }: TriggerObject,
  { type, reason, note, action }: Transition,
  { name, instance, now }: { readonly name: string; readonly instance: string; readonly now: number },
) {
  const { namespace = 'default', uid, resourceVersion } = metadata;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace },
    eventTime: microTime(now),
    reportingController: 'kubeless-triggers',
    reportingInstance: instance.slice(0, LONGEST_INSTANCE),
    type,
    reason,
    note: plainText(note, LONGEST_NOTE),
    action,
    regarding: { apiVersion, kind, name: metadata.name, namespace, uid, resourceVersion },
  };
}

/** As MicroTime of the API has it. */
function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}
