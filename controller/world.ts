/** What the controller sees of the cluster: informers of every resource that it needs, and what they have in common. */
import { kinds } from '../api/kinds/index.ts';
import type { Kind } from '../api/kinds/kind.ts';
import type { Logger } from '../common/logger.ts';
import { keyOf, parseKey, triggerKeyOf } from './keys.ts';
import type { KubeClient } from './kube/client.ts';
import { type Change, createInformer, type Informer } from './kube/informer.ts';
import type {
  DeploymentObject,
  KubeObject,
  NamespaceObject,
  PodObject,
  ServiceObject,
  TriggerObject,
} from './kube/objects.ts';
import { createNamespaces, type Namespaces } from './namespaces.ts';
import { createObjectIndex } from './object-index.ts';
import { TRIGGER_ID_LABEL } from './render/labels.ts';
import { triggerId } from './render/names.ts';
import { trimDeployment, trimNamespace, trimPod, trimService, trimTrigger } from './trim.ts';

export interface World {
  trigger(key: string): { readonly kind: Kind; readonly object: TriggerObject } | undefined;
  /** Whether the API server told that this trigger was deleted, and of none of the name since. */
  wasDeleted(key: string): boolean;
  /** Of every trigger, and of every Deployment that says that it is of one. */
  keys(): Iterable<string>;
  triggers(): Iterable<TriggerObject>;
  deployment(namespace: string, name: string): DeploymentObject | undefined;
  /** Those with the label of this trigger, wherever they are. */
  deploymentsOf(key: string): readonly DeploymentObject[];
  /** Those with this value of the label. */
  podsOf(namespace: string, id: string): readonly PodObject[];
  hasService(namespace: string, name: string): boolean;
  namespace(name: string): NamespaceObject | undefined;
  /** Why nothing is known of this namespace, not even whether it is there; undefined where something is. */
  namespaceUnknown(name: string): string | undefined;
  /** Whether triggers and Services of this namespace are seen at all. */
  isWatched(namespace: string): boolean;
  readonly synced: Promise<void>;
  /** What isn't known yet, in one sentence; undefined when everything is. */
  notSynced(): string | undefined;
  start(): void;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly client: KubeClient;
  /** Empty: all. */
  readonly watchNamespaces: readonly string[];
  readonly logger: Logger;
  readonly onTrigger: (key: string, change: Change<TriggerObject>) => void;
  readonly onDeployment: (change: Change<DeploymentObject>) => void;
  readonly onPod: (change: Change<PodObject>) => void;
  readonly onService: (change: Change<ServiceObject>) => void;
  readonly onNamespace: (change: Change<NamespaceObject>) => void;
}

type Watched = Pick<Informer<KubeObject>, 'isSynced' | 'start' | 'stop' | 'synced'>;

const WITH_ID = { labelSelector: TRIGGER_ID_LABEL };

export function createWorld(options: WorldOptions): World {
  const { client, watchNamespaces, logger } = options;
  const scopes = watchNamespaces.length === 0 ? [undefined] : watchNamespaces;
  const byTrigger = createObjectIndex<DeploymentObject>(triggerKeyOf);
  const byTriggerId = createObjectIndex<DeploymentObject>(({ metadata }) => metadata.labels?.[TRIGGER_ID_LABEL]);
  const byId = createObjectIndex<PodObject>(({ metadata }) => {
    const id = metadata.labels?.[TRIGGER_ID_LABEL];
    return id && `${metadata.namespace}/${id}`;
  });
  const deleted = createDeletions();
  const all: { readonly resource: string; readonly informer: Watched }[] = [];

  function watchAll<T extends KubeObject>(wanted: Resource<T>): Scoped<T> {
    const { group, resource, trim, onChange, query } = wanted;
    const informers = new Map(
      scopes.map((scope) => {
        const path = `/${group}/${scope === undefined ? '' : `namespaces/${scope}/`}${resource}`;
        const informer = createInformer<T>({
          client,
          resource: scope === undefined ? resource : `${resource} in ${scope}`,
          path,
          ...(query && { query }),
          trim,
          onChange,
          logger,
        });
        all.push({ resource: `${resource}${group.startsWith('apis/kubeless.io') ? '.kubeless.io' : ''}`, informer });
        return [scope, informer] as const;
      }),
    );
    const of = (namespace: string) => informers.get(scopes[0] === undefined ? undefined : namespace);
    return {
      get: (namespace, name) => of(namespace)?.get(namespace, name),
      *list() {
        for (const informer of informers.values()) yield* informer.list();
      },
    };
  }

  const triggers = new Map(
    kinds.map((kind) => {
      const informer = watchAll<TriggerObject>({
        group: `apis/${kind.apiVersion}`,
        resource: kind.plural,
        trim: trimTrigger,
        onChange: (change) => {
          const object = change.after ?? change.before;
          if (object === undefined) return;
          const key = keyOf(kind, object);
          deleted.note(key, change.isDeleted === true);
          options.onTrigger(key, change);
        },
      });
      return [kind.kind, { kind, informer }] as const;
    }),
  );
  const deployments = watchAll<DeploymentObject>({
    group: 'apis/apps/v1',
    resource: 'deployments',
    query: WITH_ID,
    trim: trimDeployment,
    onChange: (change) => {
      byTrigger.change(change);
      byTriggerId.change(change);
      options.onDeployment(change);
    },
  });
  watchAll<PodObject>({
    group: 'api/v1',
    resource: 'pods',
    query: WITH_ID,
    trim: trimPod,
    onChange: (change) => {
      byId.change(change);
      options.onPod(change);
    },
  });
  const services = watchAll<ServiceObject>({
    group: 'api/v1',
    resource: 'services',
    trim: trimService,
    onChange: options.onService,
  });
  const namespaces = watchNamespaces.length > 0 ? askForNamespaces() : watchNamespacesOfAll();
  all.push({ resource: 'namespaces', informer: namespaces });

  function askForNamespaces(): Namespaces {
    return createNamespaces({ client, names: watchNamespaces, onChange: options.onNamespace, logger });
  }

  /** What isn't in the first list isn't there, as far as anybody knows. */
  function watchNamespacesOfAll(): Namespaces {
    const informer = createInformer<NamespaceObject>({
      client,
      resource: 'namespaces',
      path: '/api/v1/namespaces',
      trim: trimNamespace,
      onChange: options.onNamespace,
      logger,
    });
    return { ...informer, unknown: () => (informer.isSynced() ? undefined : 'namespaces are not listed yet') };
  }

  return {
    trigger(key) {
      const { kind = '', namespace = '', name = '' } = parseKey(key) ?? {};
      const found = triggers.get(kind);
      const object = found?.informer.get(namespace, name);
      return found && object && { kind: found.kind, object };
    },
    wasDeleted: deleted.has,
    *keys() {
      for (const { kind, informer } of triggers.values()) {
        for (const object of informer.list()) yield keyOf(kind, object);
      }
      yield* byTrigger.groups();
    },
    *triggers() {
      for (const { informer } of triggers.values()) yield* informer.list();
    },
    deployment: deployments.get,
    deploymentsOf(key) {
      const trigger = parseKey(key);
      return trigger === undefined ? [] : byTriggerId.of(triggerId(trigger));
    },
    podsOf: (namespace, id) => byId.of(`${namespace}/${id}`),
    hasService: (namespace, name) => services.get(namespace, name) !== undefined,
    namespace: (name) => namespaces.get(undefined, name),
    namespaceUnknown: namespaces.unknown,
    isWatched: (namespace) => watchNamespaces.length === 0 || watchNamespaces.includes(namespace),
    synced: Promise.all(all.map(({ informer }) => informer.synced)).then(() => {}),
    notSynced() {
      const missing = new Set(all.filter(({ informer }) => !informer.isSynced()).map(({ resource }) => resource));
      if (missing.size === 0) return undefined;
      const hint = [...missing].some((name) => name.endsWith('.kubeless.io'))
        ? '; is crd.yaml installed, and may the controller list them?'
        : '';
      return `not listed yet: ${[...missing].join(', ')}${hint}`;
    },
    start() {
      for (const { informer } of all) informer.start();
    },
    async stop() {
      await Promise.all(all.map(({ informer }) => informer.stop()));
    },
  };
}

/** Names that are remembered of triggers that were deleted. */
const REMEMBERED = 10_000;

function createDeletions() {
  /** The oldest comes first. */
  const keys = new Set<string>();
  return {
    has: (key: string) => keys.has(key),
    note(key: string, isDeleted: boolean): void {
      keys.delete(key);
      if (isDeleted) keys.add(key);
      const [oldest] = keys;
      if (keys.size > REMEMBERED && oldest !== undefined) keys.delete(oldest);
    },
  };
}

interface Resource<T extends KubeObject> {
  /** `apis/apps/v1` */
  readonly group: string;
  readonly resource: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly trim: (raw: KubeObject) => T;
  readonly onChange: (change: Change<T>) => void;
}

interface Scoped<T> {
  get(namespace: string, name: string): T | undefined;
  list(): Iterable<T>;
}
