/** What the API server itself says of an object: copies in memory may be behind, or wrong. */
import type { Kind } from '../api/kinds/kind.ts';
import type { Requests } from './guarded-client.ts';
import { KubeError, saysAbsent } from './kube/client.ts';
import type { DeploymentObject, KubeObject, NamespaceObject, TriggerObject } from './kube/objects.ts';
import { trimDeployment, trimNamespace, trimTrigger } from './trim.ts';

/**
 * Undefined only where the API server says that there is no such object. Everything else that is no object is no
 * answer, and rejects: no connection, a time-out, any other status, a body that isn't the object.
 */
export interface LiveReads {
  trigger(kind: Kind, namespace: string, name: string): Promise<TriggerObject | undefined>;
  deployment(namespace: string, name: string): Promise<DeploymentObject | undefined>;
  namespace(name: string): Promise<NamespaceObject | undefined>;
}

/** Milliseconds: what hangs mustn't keep others waiting for long. */
const TIMEOUT = 10_000;

export function createLiveReads(client: Requests): LiveReads {
  // Without a resourceVersion the API server answers with the latest state, not from a cache of its own.
  async function read(path: string, name: string): Promise<KubeObject | undefined> {
    try {
      return checked(await client.request<unknown>({ method: 'GET', path, timeoutMs: TIMEOUT }), name);
    } catch (error) {
      if (saysAbsent(error)) return undefined;
      throw error;
    }
  }

  return {
    async trigger({ apiVersion, plural }, namespace, name) {
      const found = await read(`/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`, name);
      return found && trimTrigger(found);
    },
    async deployment(namespace, name) {
      const found = await read(pathOf(namespace, name), name);
      return found && trimDeployment(found);
    },
    async namespace(name) {
      const found = await read(`/api/v1/namespaces/${name}`, name);
      return found && trimNamespace(found);
    },
  };
}

/** A proxy answers with status 200, too. */
function checked(answer: unknown, name: string): KubeObject {
  if (isObject(answer) && answer.metadata.name === name) return answer;
  throw new KubeError(`the answer is not the object ${name}`, { status: 0, reason: 'InvalidAnswer' });
}

function isObject(value: unknown): value is KubeObject {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return false;
  const { metadata } = value;
  return typeof metadata === 'object' && metadata !== null && 'uid' in metadata && typeof metadata.uid === 'string';
}

/** Of a Deployment. */
export function pathOf(namespace: string, name: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
}
