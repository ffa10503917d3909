/** Triggers to render, as tests need them. */
import { parseTrigger, type Trigger } from '../../api/trigger.ts';
import {
  type DeploymentManifest,
  mergeDeployment,
  type Rendered,
  type Rendering,
  type RenderOptions,
  renderDeployment,
} from '../../controller/render/deployment.ts';

export const OPTIONS: RenderOptions = {
  dispatcherImage: 'localhost/kubeless-triggers-dispatcher:1.2.3',
  timezone: 'UTC',
};

type Fields = Readonly<Record<string, unknown>>;

export interface Given {
  readonly name?: string;
  readonly namespace?: string;
  /** Undefined: it isn't in a cluster. */
  readonly uid?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly pulsar?: Fields;
  readonly spec?: Fields;
  readonly deployment?: unknown;
}

/** The trigger `orders` in `shop`, unless said otherwise. */
export function triggerObject({ name = 'orders', namespace = 'shop', ...given }: Given = {}) {
  const { uid, annotations, pulsar, spec, deployment } = { uid: 'c0ffee', ...given };
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name, namespace, ...(uid !== undefined && { uid }), ...(annotations && { annotations }) },
    spec: {
      pulsar: { topic: 'persistent://public/default/orders', broker: 'pulsar://pulsar:6650', ...pulsar },
      kubeless: { function: 'http://billing.shop:8080' },
      ...spec,
      ...(deployment !== undefined && { deployment }),
    },
  };
}

export function rendering(given: Given = {}, options: RenderOptions = OPTIONS): Rendering {
  const object = triggerObject(given);
  return renderDeployment(triggerOf(object), object, options);
}

/** What is merged before it is judged. */
export function merging(given: Given = {}, options: RenderOptions = OPTIONS): ReturnType<typeof mergeDeployment> {
  const object = triggerObject(given);
  return mergeDeployment(triggerOf(object), object, options);
}

function triggerOf(object: unknown): Trigger {
  const parsed = parseTrigger(object);
  if ('problems' in parsed) throw new Error(`not a trigger: ${JSON.stringify(parsed.problems)}`);
  return parsed.trigger;
}

export function rendered(given: Given = {}, options: RenderOptions = OPTIONS): Rendered {
  const result = rendering(given, options);
  if ('problems' in result) throw new Error(`not rendered: ${JSON.stringify(result.problems)}`);
  return result;
}

export interface RenderedPod {
  readonly containers: readonly RenderedContainer[];
  readonly volumes: readonly Fields[];
  readonly [field: string]: unknown;
}

export interface RenderedContainer {
  readonly name: string;
  readonly image: string;
  readonly env: readonly (Fields & { readonly name: string })[];
  readonly volumeMounts: readonly Fields[];
  readonly ports: readonly Fields[];
  readonly [field: string]: unknown;
}

interface RenderedSpec {
  readonly template: { readonly metadata: Record<'labels' | 'annotations', Fields>; readonly spec: RenderedPod };
  readonly [field: string]: unknown;
}

export type Overridden = Given & {
  /** Over the pod's spec. */
  readonly pod?: Fields;
  /** Over its first container. */
  readonly dispatcher?: Fields;
};

/** With `pod` and `dispatcher` where a `deployment` has them. */
export function givenOf({ pod, dispatcher, ...given }: Overridden): Given {
  if (pod === undefined && dispatcher === undefined) return given;
  const containers = dispatcher && { containers: [dispatcher] };
  return { ...given, deployment: { spec: { template: { spec: { ...pod, ...containers } } } } };
}

/** The parts of what is rendered. */
export function parts(overridden: Overridden = {}, options: RenderOptions = OPTIONS) {
  return partsOf(rendered(givenOf(overridden), options).deployment);
}

export function partsOf(deployment: DeploymentManifest) {
  // What a rendering always has.
  const spec = deployment.spec as RenderedSpec;
  const [container] = spec.template.spec.containers;
  if (container === undefined) throw new Error('rendered without a container');
  return { deployment, spec, template: spec.template, pod: spec.template.spec, container };
}

/** The variables as name -> value, or what else stands for the value. */
export function variables({ env }: Pick<RenderedContainer, 'env'>): Fields {
  return Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}
