/** What an API server keeps of a rendered Deployment. */

import type { ApiObject, KubernetesAdmin } from '../../servers/kubernetes/admin.ts';
import { givenOf, type Overridden, rendered } from '../../support/rendered.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test looks into objects of any shape
type Any = any;

export interface Stored {
  readonly deployment: ApiObject;
  readonly template: Any;
  readonly pod: Any;
  /** The first container of the pod. */
  readonly dispatcher: Any;
}

/** As the controller applies; what it renders has no owner here, as there is no trigger in the cluster. */
export async function apply(admin: KubernetesAdmin, overridden: Overridden): Promise<Stored> {
  const { deployment } = rendered({ uid: undefined, ...givenOf(overridden) });
  const { name, namespace } = deployment.metadata;
  const query = { fieldManager: 'kubeless-triggers', force: 'true' };
  return storedOf(await admin.apply(deploymentPath(namespace, name), deployment, query));
}

export function storedOf(deployment: ApiObject): Stored {
  const { template } = deployment.spec;
  return { deployment, template, pod: template.spec, dispatcher: template.spec.containers[0] };
}

export function pathOf({ metadata }: Pick<ApiObject, 'metadata'>): string {
  return deploymentPath(String(metadata.namespace), metadata.name);
}

export function deploymentPath(namespace: string, name = ''): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments${name && `/${name}`}`;
}

/** One override, what is looked at, and what is to be there. */
export interface Row {
  readonly what: string;
  readonly given: Overridden;
  readonly look: (stored: Stored) => unknown;
  readonly is: unknown;
}
