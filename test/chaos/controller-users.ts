/** Those who make, change and delete triggers while the controller is struck, and who know what has to be there in the end. */
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import type { KubernetesServer } from '../servers/kubernetes/index.ts';
import { deploymentPath, SPEC, triggerPath } from '../support/trigger-objects.ts';
import { waitFor } from '../support/wait-for.ts';

export interface Users {
  /** So many random deeds, each done when the API server took it. */
  act(count: number): Promise<void>;
  /** Writes to Deployments of the controller for so many milliseconds: fields, labels and whole objects. */
  meddle(ms: number): Promise<void>;
  /** Whether every Deployment says again whose it is. */
  areNamed(): Promise<boolean>;
  /** What isn't as it has to be, a line each. */
  findings(): Promise<readonly string[]>;
  /** Deletes all triggers. */
  leave(): Promise<void>;
}

interface Wanted {
  readonly namespace: string;
  readonly name: string;
  topic: string;
  /** Where its Deployment is to be. */
  place: string;
}

export interface UsersOptions {
  readonly server: KubernetesServer;
  /** Triggers are in the first ones; their Deployments may be in the last one too. */
  readonly namespaces: readonly string[];
  readonly random: () => number;
}

const ID = 'kubeless.io/trigger-id';
const TRIGGER = 'kubeless.io/trigger';

export function createUsers({ server, namespaces, random }: UsersOptions): Users {
  const { admin } = server;
  const wanted = new Map<string, Wanted>();
  let made = 0;
  const pick = <T>(list: readonly T[]): T => {
    const found = list[Math.floor(random() * list.length)];
    if (found === undefined) throw new Error('picking one of nothing');
    return found;
  };

  /** An API server that is restarted takes it later. */
  const persist = (deed: () => Promise<unknown>) =>
    waitFor(() => deed().then(() => true), { timeout: 60_000, interval: 100, what: 'the API server to take it' });

  async function put(trigger: Wanted): Promise<void> {
    const { namespace, name, topic, place } = trigger;
    const manifest = {
      apiVersion: 'kubeless.io/v1',
      kind: 'PulsarTrigger',
      metadata: { name },
      spec: {
        ...SPEC,
        pulsar: { ...SPEC.pulsar, topic },
        ...(place !== namespace && { deployment: { metadata: { namespace: place } } }),
      },
    };
    await persist(() => admin.apply(triggerPath(namespace, name), manifest));
    wanted.set(`${namespace}/${name}`, trigger);
  }

  async function remove({ namespace, name }: Wanted): Promise<void> {
    await persist(() => admin.delete(triggerPath(namespace, name)));
    wanted.delete(`${namespace}/${name}`);
  }

  async function make(): Promise<void> {
    const namespace = pick(namespaces.slice(0, -1));
    await put({ namespace, name: `t${made++}`, topic: `topic-${made}`, place: placeFor(namespace) });
  }

  const placeFor = (namespace: string) => (random() < 0.3 ? (namespaces.at(-1) ?? namespace) : namespace);

  async function deed(): Promise<void> {
    const kind = random();
    if (wanted.size === 0 || kind < 0.4) return make();
    const trigger = pick([...wanted.values()]);
    if (kind < 0.6) return put({ ...trigger, topic: `topic-${++made}` });
    if (kind < 0.75) return put({ ...trigger, place: placeFor(trigger.namespace) });
    await remove(trigger);
    // Now and then the name comes back at once.
    if (kind > 0.9) await put({ ...trigger, topic: `topic-${++made}` });
  }

  async function deployments(): Promise<readonly ApiObject[]> {
    const lists = await Promise.all(namespaces.map((namespace) => admin.get(deploymentPath(namespace))));
    return lists.flatMap(({ items }) => items as readonly ApiObject[]);
  }

  async function meddleOnce(): Promise<void> {
    const { metadata } = pick(await deployments());
    const path = deploymentPath(metadata.namespace ?? '', metadata.name);
    const kind = random();
    if (kind < 0.2) return admin.delete(path);
    const patch =
      kind < 0.5
        ? { spec: { template: { spec: { terminationGracePeriodSeconds: Math.floor(random() * 10) } } } }
        : { metadata: { annotations: { 'kubeless.io/rendered': null, [TRIGGER]: 'nobody' } } };
    await admin.patch(path, kind > 0.8 ? { metadata: { labels: { [ID]: null } } } : patch);
  }

  return {
    async act(count) {
      for (let done = 0; done < count; done++) await deed();
    },
    async meddle(ms) {
      const until = performance.now() + ms;
      // What is gone by the time it is written to is no matter.
      while (performance.now() < until) await meddleOnce().catch(() => {});
    },
    async areNamed() {
      const all = (await deployments()).map(({ metadata }) => metadataOf(metadata));
      return all.every(({ labels, annotations }) => labels?.[ID] && annotations?.[TRIGGER] !== 'nobody');
    },
    async findings() {
      const found: string[] = [];
      const all = await deployments();
      const ofTrigger = Map.groupBy(all, ({ metadata }) => metadataOf(metadata).annotations?.[TRIGGER] ?? 'nobody');
      for (const { namespace, name, topic, place } of wanted.values()) {
        const key = `PulsarTrigger/${namespace}/${name}`;
        const own = ofTrigger.get(key) ?? [];
        ofTrigger.delete(key);
        const [deployment] = own;
        if (own.length !== 1 || deployment === undefined) found.push(`${key} has ${own.length} Deployments`);
        else found.push(...differences(deployment, { key, topic, place }));
        const { status, metadata } = await admin.get(triggerPath(namespace, name));
        if (status?.observedGeneration !== metadata.generation) found.push(`${key} has a status of before`);
        const ready = status?.conditions?.find(({ type }: { type: string }) => type === 'Ready');
        if (ready?.status !== 'True') found.push(`${key} is ${ready?.reason}: ${ready?.message}`);
      }
      for (const [key, orphans] of ofTrigger) {
        for (const { metadata } of orphans) found.push(`${metadata.namespace}/${metadata.name} is left of ${key}`);
      }
      return found;
    },
    async leave() {
      for (const trigger of [...wanted.values()]) await remove(trigger);
    },
  };
}

function metadataOf(metadata: ApiObject['metadata']) {
  return metadata as {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Record<string, string>;
  };
}

function differences(
  { metadata, spec }: ApiObject,
  { key, topic, place }: { readonly key: string; readonly topic: string; readonly place: string },
): readonly string[] {
  const found: string[] = [];
  if (metadata.namespace !== place) found.push(`${key} has its Deployment in ${metadata.namespace}, not in ${place}`);
  const env: readonly { name: string; value: string }[] = spec.template.spec.containers[0].env;
  const actual = env.find(({ name }) => name === 'PULSAR_TOPIC')?.value;
  if (actual !== topic) found.push(`${key} consumes ${actual}, not ${topic}`);
  if (spec.template.spec.terminationGracePeriodSeconds < 15) found.push(`${key} has a field of others`);
  if (metadataOf(metadata).labels?.[ID] === undefined) found.push(`${key} has a Deployment without its label`);
  return found;
}
