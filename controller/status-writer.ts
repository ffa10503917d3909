/** Writes statuses: only what changed, once, with an Event for each turn of things. */
import type { Kind } from '../api/kinds/kind.ts';
import { type Contest, contestedEvent, createContest } from './contest.ts';
import type { Requests } from './guarded-client.ts';
import { keyOf } from './keys.ts';
import { KubeError } from './kube/client.ts';
import type { KubeObject, TriggerObject, TriggerStatus } from './kube/objects.ts';
import type { OwnWrites } from './own-writes.ts';
import { type EventRecorder, type Transition, transitions } from './status/events.ts';
import { trimTrigger } from './trim.ts';

export interface StatusWriter {
  /**
   * Writes where `next` is another object than the trigger's status. Resolves with the milliseconds after which it is
   * to be written where somebody else keeps writing to it; else with undefined. `readAt`: when its numbers were read.
   */
  write(kind: Kind, trigger: TriggerObject, next: TriggerStatus, readAt?: number): Promise<number | undefined>;
  /** Records an Event of what no condition tells. */
  tell(trigger: TriggerObject, transition: Transition): Promise<void>;
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
  /** What somebody else wrote over is about to be written again. */
  readonly onContested: () => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds of a clock that doesn't jump. */
  readonly clock?: () => number;
}

/** What was written last to one trigger. */
interface Memory {
  readonly uid: string;
  readonly status: unknown;
  /** Milliseconds since the epoch, of its numbers. */
  readonly readAt: number;
  contest?: Contest;
}

interface Managed {
  readonly metadata: {
    readonly managedFields?: readonly { readonly manager?: string; readonly subresource?: string }[];
  };
}

/** The manager that an API server takes from the name of our user agent. */
const OURS = 'kubeless-triggers';

export function createStatusWriter(options: StatusWriterOptions): StatusWriter {
  const { client, written, events, onWrite, onContested, now = Date.now, clock = () => performance.now() } = options;
  const memories = new Map<string, Memory>();

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
      const { contest } = memories.get(key) ?? {};
      memories.set(key, { uid, status: answer.status, readAt, ...(contest && { contest }) });
      written.remember(key, trimTrigger(answer));
      onWrite('status', 'done');
      return true;
    } catch (error) {
      // Gone, or another one by now: the informer brings the news.
      if (error instanceof KubeError && (error.status === 404 || error.status === 409)) return false;
      onWrite('status', 'failed');
      throw error;
    }
  }

  /** Undefined where the status is as it was written last. */
  function contestOf(kind: Kind, { metadata, status }: TriggerObject): Contest | undefined {
    const memory = memories.get(keyOf(kind, { metadata }));
    if (memory === undefined || memory.uid !== metadata.uid || isSame(memory.status, status)) return undefined;
    memory.contest ??= createContest(clock);
    return memory.contest;
  }

  /** Who else has fields of the status, as the API server tells; nobody has what was only taken away. */
  async function othersOf({ apiVersion, plural }: Kind, { metadata }: TriggerObject): Promise<string> {
    const path = `/apis/${apiVersion}/namespaces/${metadata.namespace}/${plural}/${metadata.name}`;
    const found = await client.request<Managed>({ method: 'GET', path }).catch(ignoreRefusal);
    const managers = (found?.metadata.managedFields ?? [])
      .filter(({ subresource, manager }) => subresource === 'status' && manager !== OURS)
      .map(({ manager }) => `"${manager}"`);
    return managers.length === 0 ? 'the status of this trigger' : `${[...new Set(managers)].join(', ')} in the status`;
  }

  async function tell(trigger: TriggerObject, transition: Transition): Promise<void> {
    const result = await events.record(trigger, transition);
    if (result !== undefined) onWrite('event', result);
  }

  return {
    async write(kind, trigger, next, readAt) {
      if (next === trigger.status) return undefined;
      const contest = contestOf(kind, trigger);
      const wait = contest?.turn() ?? 0;
      if (wait > 0) return wait;
      if (contest !== undefined) onContested();
      const others = contest?.isFight() ? await othersOf(kind, trigger) : undefined;
      if (!(await patch(kind, trigger, next, readAt))) return undefined;
      for (const transition of transitions(trigger.status, next)) await tell(trigger, transition);
      if (others !== undefined) await tell(trigger, contestedEvent(others, 'Have it leave the status alone.'));
      return undefined;
    },
    tell,
    toldFrom: (key) => memories.get(key)?.readAt,
    forget(key) {
      memories.delete(key);
    },
  };
}

function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof KubeError)) throw error;
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
