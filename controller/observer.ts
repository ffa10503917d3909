/** Gathers all that a trigger's status is told from, beside its Deployment. */
import type { Problem, Trigger } from '../api/trigger.ts';
import type { ApplyOutcome } from './apply.ts';
import type { DispatcherWatch } from './dispatcher-watch.ts';
import type { TriggerObject } from './kube/objects.ts';
import type { PodEvents } from './pod-events.ts';
import type { Rendered } from './render/deployment.ts';
import { DISPATCHER_ANNOTATION } from './render/labels.ts';
import { triggerId } from './render/names.ts';
import { type FunctionLookup, lookUpFunction } from './status/function-lookup.ts';
import type { Observed } from './status/observed.ts';
import type { World } from './world.ts';

export interface Subject {
  readonly key: string;
  readonly trigger: TriggerObject;
  readonly parsed?: Trigger | undefined;
  readonly problems?: readonly Problem[] | undefined;
  readonly rendered?: Rendered | undefined;
  readonly outcome: ApplyOutcome;
  readonly toldFrom: number | undefined;
}

export interface Observer {
  /** `again`: milliseconds after which there may be more to see. */
  observe(subject: Subject): Promise<{ readonly observed: Observed; readonly again?: number | undefined }>;
  /** The trigger that wants its Deployment to have this name, whatever that says of itself. */
  keyOfDeployment(namespace: string, name: string): string | undefined;
  /** The triggers that would be told otherwise if this Service came or went. */
  keysOfService(namespace: string, name: string): readonly string[];
  /** The triggers that would be told otherwise if this namespace came, went or allowed something else. */
  keysOfNamespace(namespace: string): readonly string[];
  forget(key: string): void;
}

export interface ObserverOptions {
  readonly world: World;
  readonly podEvents: PodEvents;
  readonly dispatchers: Pick<DispatcherWatch, 'of' | 'age'>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** What a trigger looks at outside of itself. */
interface Interest {
  readonly lookup: FunctionLookup | undefined;
  readonly place: string | undefined;
}

export function createObserver({ world, podEvents, dispatchers, now = Date.now }: ObserverOptions): Observer {
  const interests = new Map<string, Interest>();
  const byDeployment = new Map<string, string>();

  function lookUp(url: string, namespace: string): FunctionLookup {
    const lookup = lookUpFunction(url, namespace, {
      service: world.hasService,
      // One that can't be read may well be there.
      namespace: (name) => world.namespace(name) !== undefined || world.namespaceUnknown(name) !== undefined,
    });
    // Nobody can tell what there is in a namespace that isn't watched.
    if (lookup.kind !== 'missing' || world.isWatched(lookup.namespace)) return lookup;
    return { kind: 'external', host: `${lookup.service}.${lookup.namespace}` };
  }

  const keysWhere = (isMatch: (interest: Interest) => boolean) =>
    [...interests].filter(([, interest]) => isMatch(interest)).map(([key]) => key);

  return {
    async observe({ key, trigger, parsed, problems, rendered, outcome, toldFrom }) {
      const { kind = '', metadata } = trigger;
      const { namespace = '', name } = metadata;
      // Where nothing could be rendered, what runs is what was made before.
      const deployment = outcome.deployment ?? (rendered === undefined ? world.deploymentsOf(key)[0] : undefined);
      const place = rendered?.namespace ?? deployment?.metadata.namespace ?? namespace;
      const pods = world.podsOf(place, rendered?.id ?? triggerId({ kind, namespace, name }));
      const lookup = parsed && lookUp(parsed.function.url, place);
      interests.set(key, { lookup, place: rendered?.namespace });
      if (rendered !== undefined) byDeployment.set(`${rendered.namespace}/${rendered.name}`, key);
      const { events, again } = await podEvents.of(pods);
      const mark = deployment?.metadata.annotations?.[DISPATCHER_ANNOTATION];
      const age = dispatchers.age(pods);
      const observed: Observed = {
        trigger,
        parsed,
        ...(problems && { problems }),
        deployment,
        pods,
        events,
        functionLookup: lookup,
        applyFailure: outcome.failure,
        outdated: outcome.outdated,
        dispatchers: dispatchers.of(pods),
        dispatcher: rendered?.dispatcher ?? (mark === 'original' ? 'original' : 'current'),
        now: now(),
        readAt: age === undefined ? undefined : now() - age,
        toldFrom,
      };
      return { observed, again };
    },
    keyOfDeployment: (namespace, name) => byDeployment.get(`${namespace}/${name}`),
    keysOfService: (namespace, name) =>
      keysWhere(
        ({ lookup }) =>
          lookup !== undefined &&
          lookup.kind !== 'external' &&
          lookup.namespace === namespace &&
          lookup.service === name,
      ),
    keysOfNamespace: (namespace) =>
      keysWhere(({ lookup, place }) => {
        if (place === namespace || lookup === undefined) return place === namespace;
        return lookup.kind === 'external' ? labelsOf(lookup.host).includes(namespace) : lookup.namespace === namespace;
      }),
    forget(key) {
      interests.delete(key);
      for (const [deployment, owner] of byDeployment) if (owner === key) byDeployment.delete(deployment);
    },
  };
}

function labelsOf(host: string): readonly string[] {
  return host.split('.');
}
