/** Writes statuses: only what changed, once, with an Event for each turn of things. */
import type { Kind } from '../api/kinds/kind.ts';
import type { Requests } from './guarded-client.ts';
import { keyOf } from './keys.ts';
import { KubeError } from './kube/client.ts';
import type { KubeObject, TriggerObject, TriggerStatus } from './kube/objects.ts';
import type { OwnWrites } from './own-writes.ts';
import { type EventRecorder, transitions } from './status/events.ts';
import { trimTrigger } from './trim.ts';

export interface StatusWriter {
  /** Writes where `next` is another object than the trigger's status. `readAt`: when its numbers were read. */
  write(kind: Kind, trigger: TriggerObject, next: TriggerStatus, readAt?: number): Promise<void>;
  /** When the numbers were read that the status has, or it was written without any; undefined: not by this controller. */
  toldFrom(key: string): number | undefined;
  /** The trigger is gone. */
  forget(key: string): void;
}

export interface StatusWriterOptions {
  readonly client: Requests;
  readonly written: OwnWrites<TriggerObject>;
  readonly events: EventRecorder;
  readonly onWrite: (what: 'status' | 'event', result: 'done' | 'failed') => void;
  readonly now?: () => number;
}

export function createStatusWriter(options: StatusWriterOptions): StatusWriter {
  const { client, written, events, onWrite, now = Date.now } = options;
  const times = new Map<string, number>();

  async function patch(kind: Kind, trigger: TriggerObject, next: TriggerStatus, readAt = now()): Promise<boolean> {
    const { apiVersion, plural } = kind;
    const { namespace, name, uid } = trigger.metadata;
    try {
      const answer = await client.request<KubeObject>({
        method: 'PATCH',
        path: `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}/status`,
        contentType: 'application/merge-patch+json',
        // With its uid, a trigger made anew under the same name isn't told what became of the old one.
        body: { metadata: { uid }, status: mergePatch(trigger.status, next) },
      });
      const key = keyOf(kind, trigger);
      written.remember(key, trimTrigger(answer));
      times.set(key, readAt);
      onWrite('status', 'done');
      return true;
    } catch (error) {
      // Gone, or another one by now: the informer brings the news.
      if (error instanceof KubeError && (error.status === 404 || error.status === 409)) return false;
      onWrite('status', 'failed');
      throw error;
    }
  }

  return {
    async write(kind, trigger, next, readAt) {
      if (next === trigger.status || !(await patch(kind, trigger, next, readAt))) return;
      for (const transition of transitions(trigger.status, next)) {
        await events.record(trigger, transition);
        onWrite('event', 'done');
      }
    },
    toldFrom: (key) => times.get(key),
    forget(key) {
      times.delete(key);
    },
  };
}

/** What of `next` differs, and null for what it no longer has. Lists are whole. */
function mergePatch(previous: TriggerStatus | undefined, next: TriggerStatus): Readonly<Record<string, unknown>> {
  const before: Readonly<Record<string, unknown>> = previous ?? {};
  const after: Readonly<Record<string, unknown>> = next;
  const removed = Object.keys(before).filter((field) => after[field] === undefined);
  const changed = Object.entries(after).filter(([field, value]) => !isSame(value, before[field]));
  return { ...Object.fromEntries(changed), ...Object.fromEntries(removed.map((field) => [field, null])) };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
