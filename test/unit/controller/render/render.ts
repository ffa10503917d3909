/** Triggers to render, as tests need them. */
import { parseTrigger } from '../../../../api/trigger.ts';
import {
  type Rendered,
  type Rendering,
  type RenderOptions,
  renderDeployment,
} from '../../../../controller/render/deployment.ts';

export const OPTIONS: RenderOptions = {
  dispatcherImage: 'localhost/kubeless-triggers-dispatcher:1.2.3',
  timezone: 'UTC',
};

type Fields = Readonly<Record<string, unknown>>;

export interface Given {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly pulsar?: Fields;
  readonly spec?: Fields;
  readonly deployment?: unknown;
}

/** The trigger `orders` in `shop`, unless said otherwise. */
export function triggerObject({ name = 'orders', namespace = 'shop', ...given }: Given = {}) {
  const { uid = 'c0ffee', annotations, pulsar, spec, deployment } = given;
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name, namespace, uid, ...(annotations && { annotations }) },
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
  const parsed = parseTrigger(object);
  if ('problems' in parsed) throw new Error(`not a trigger: ${JSON.stringify(parsed.problems)}`);
  return renderDeployment(parsed.trigger, object, options);
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

/** The parts of what is rendered for this override of the pod's spec; that of its first container is `dispatcher`. */
export function parts(given: Given & { readonly pod?: Fields; readonly dispatcher?: Fields } = {}) {
  const { pod, dispatcher, ...rest } = given;
  const containers = dispatcher && { containers: [dispatcher] };
  const override = pod || dispatcher ? { spec: { template: { spec: { ...pod, ...containers } } } } : given.deployment;
  const { deployment } = rendered({ ...rest, deployment: override });
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
