/** The Lease object of a leader election: read, taken, renewed and given back. */
import type { KubeClient } from './client.ts';
import type { KubeObject } from './objects.ts';

export interface LeaseObject extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

export interface LeaseStore {
  /** Rejects with a `KubeError`, 404 when there is none. */
  read(timeoutMs: number): Promise<LeaseObject>;
  /** Rejects with 409 when another was faster. */
  create(spec: LeaseObject['spec'], timeoutMs: number): Promise<LeaseObject>;
  /** Rejects with 409 when the Lease isn't `known` any more, with 404 when it is gone. */
  update(known: LeaseObject, spec: LeaseObject['spec'], timeoutMs: number): Promise<LeaseObject>;
}

export interface LeaseStoreOptions {
  readonly client: Pick<KubeClient, 'request'>;
  readonly namespace: string;
  readonly name: string;
}

/** Needs get, create and update on leases, and nothing else. */
export function createLeaseStore({ client, namespace, name }: LeaseStoreOptions): LeaseStore {
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const path = `${collection}/${name}`;
  const type = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
  return {
    read: (timeoutMs) => client.request({ method: 'GET', path, timeoutMs }),
    create: (spec, timeoutMs) =>
      client.request({
        method: 'POST',
        path: collection,
        body: { ...type, metadata: { name, namespace }, spec },
        timeoutMs,
      }),
    // With the resourceVersion that was read, so that of two writers one is refused.
    update: (known, spec, timeoutMs) =>
      client.request({ method: 'PUT', path, body: { ...known, ...type, spec }, timeoutMs }),
  };
}

/** RFC 3339 with microseconds, which the API asks for. Nobody decides by it: clocks differ. */
export function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
