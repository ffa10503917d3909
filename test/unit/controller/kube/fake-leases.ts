/** Leases in memory that keep the rules of the API server: resourceVersions, 404 and 409. */
import type { KubeClient, KubeRequest } from '../../../../controller/kube/client.ts';
import { KubeError } from '../../../../controller/kube/errors.ts';
import type { LeaseObject } from '../../../../controller/kube/lease.ts';

export interface FakeLeases {
  readonly lease: LeaseObject | undefined;
  /** `GET`, `POST`, `PUT` with who called. */
  readonly calls: readonly string[];
  /** What one process calls; `trouble` decides what becomes of a call before it reaches the Lease. */
  client(name: string, trouble?: (request: KubeRequest) => Promise<void> | void): Pick<KubeClient, 'request'>;
  write(spec: LeaseObject['spec'], annotations?: Readonly<Record<string, string>>): void;
  delete(): void;
}

export function createFakeLeases(): FakeLeases {
  let lease: LeaseObject | undefined;
  let version = 100;
  const calls: string[] = [];

  function write(spec: LeaseObject['spec'], annotations: Readonly<Record<string, string>> = {}): LeaseObject {
    version++;
    const metadata = { name: 'lease', namespace: 'ns', uid: 'uid', resourceVersion: String(version), annotations };
    lease = { metadata, spec: spec ?? {} };
    return lease;
  }

  function answer({ method, path, body }: KubeRequest): LeaseObject {
    const sent = body as LeaseObject; // of POST and PUT, which are the only ones that look at it
    const collection = '/apis/coordination.k8s.io/v1/namespaces/ns/leases';
    if (method === 'POST' && path === collection) {
      if (lease !== undefined) throw new KubeError('exists', { status: 409, reason: 'AlreadyExists' });
      return write(sent.spec);
    }
    if (path !== `${collection}/lease`) throw new Error(`a call that no role allows: ${method} ${path}`);
    if (lease === undefined) throw new KubeError('not found', { status: 404, reason: 'NotFound' });
    if (method === 'GET') return lease;
    if (method !== 'PUT') throw new Error(`a call that no role allows: ${method} ${path}`);
    if (sent.metadata.resourceVersion !== lease.metadata.resourceVersion) {
      throw new KubeError('modified', { status: 409, reason: 'Conflict' });
    }
    return write(sent.spec, sent.metadata.annotations);
  }

  return {
    get lease() {
      return lease;
    },
    calls,
    client: (name, trouble) => ({
      async request<T>(request: KubeRequest): Promise<T> {
        calls.push(`${name} ${request.method}`);
        await trouble?.(request);
        return structuredClone(answer(request)) as T; // who calls for a Lease expects one
      },
    }),
    write,
    delete() {
      lease = undefined;
    },
  };
}
