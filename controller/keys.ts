/** Triggers by name: `<Kind>/<namespace>/<name>`, as the annotation of their Deployments has it. */
import type { Kind } from '../api/kinds/kind.ts';
import type { KubeObject } from './kube/objects.ts';
import { TRIGGER_ANNOTATION } from './render/labels.ts';

export interface TriggerKey {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export function keyOf({ kind }: Kind, { metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace}/${metadata.name}`;
}

/** Undefined for what is no such text: annotations can be anything. */
export function parseKey(key: string): TriggerKey | undefined {
  const [kind, namespace, name, ...rest] = key.split('/');
  return kind && namespace && name && rest.length === 0 ? { kind, namespace, name } : undefined;
}

/** The trigger that a Deployment or a pod says that it is of. */
export function triggerKeyOf({ metadata }: KubeObject): string | undefined {
  const key = metadata.annotations?.[TRIGGER_ANNOTATION];
  return key === undefined || parseKey(key) === undefined ? undefined : key;
}
