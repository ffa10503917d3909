/** The Events of pods that don't start: a Secret that is missing shows there alone. */
import type { Requests } from './guarded-client.ts';
import { KubeError } from './kube/client.ts';
import type { EventObject, PodObject } from './kube/objects.ts';
import { CREATION, creatingSince, wantsEvents } from './status/pod-events.ts';

export interface PodEvents {
  /** `again`: milliseconds after which there may be others. */
  of(pods: readonly PodObject[]): Promise<{ readonly events: readonly EventObject[]; readonly again?: number }>;
}

export interface PodEventsOptions {
  readonly client: Requests;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Milliseconds that a list counts as fresh: one that says of nothing wrong yet, and one that does. */
const FRESH = { quiet: 2_000, telling: 10_000 };
/** Of pods that can't start, so many are asked after: their siblings fail alike. */
const ASKED = 3;
/** Of timers. */
const SLACK = 50;
const LARGEST = 1000;

export function createPodEvents({ client, now = Date.now }: PodEventsOptions): PodEvents {
  const lists = new Map<string, { readonly events: readonly EventObject[]; readonly at: number }>();

  async function list({ metadata }: PodObject): Promise<readonly EventObject[]> {
    const known = lists.get(metadata.uid);
    if (known !== undefined && now() - known.at < freshness(known.events)) return known.events;
    try {
      const { items } = await client.request<{ items: readonly EventObject[] }>({
        method: 'GET',
        path: `/api/v1/namespaces/${metadata.namespace}/events`,
        query: { fieldSelector: `involvedObject.uid=${metadata.uid}`, limit: '50' },
      });
      lists.set(metadata.uid, { events: items, at: now() });
      return items;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return known?.events ?? [];
    }
  }

  return {
    async of(pods) {
      const stuck = pods.filter((pod) => wantsEvents(pod, now()));
      const asked = stuck.slice(0, ASKED);
      const uids = new Set(asked.map(({ metadata }) => metadata.uid));
      // Nobody asks twice for a pod that is gone.
      if (lists.size > LARGEST) for (const uid of lists.keys()) if (!uids.has(uid)) lists.delete(uid);
      const events = (await Promise.all(asked.map(list))).flat();
      if (stuck.length > 0) return { events, again: freshness(events) };
      const waits = pods.flatMap((pod) => {
        const since = creatingSince(pod);
        return since === undefined ? [] : [since + CREATION - now()];
      });
      return { events, ...(waits.length > 0 && { again: Math.min(...waits) + SLACK }) };
    },
  };
}

function freshness(events: readonly EventObject[]): number {
  return events.some(({ type }) => type === 'Warning') ? FRESH.telling : FRESH.quiet;
}
