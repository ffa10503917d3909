/** Deployments as an API server keeps them, as far as the controller's own requests go. */
import type { Requests } from '../../../controller/guarded-client.ts';
import { KubeError, type KubeRequest } from '../../../controller/kube/client.ts';
import type { DeploymentObject, Metadata } from '../../../controller/kube/objects.ts';

interface Stored extends DeploymentObject {
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface FakeDeployments extends Requests {
  /** `METHOD path`, in order; the method of a dry run is `TRY`. */
  readonly requests: string[];
  get(path: string): DeploymentObject | undefined;
  /** What somebody else does: fields of the metadata, or of the spec, which makes another generation. */
  touch(path: string, change: { readonly metadata?: Partial<Metadata>; readonly spec?: object }): void;
  remove(path: string): void;
  /** The next requests that write fail so. */
  fail(error: KubeError | undefined): void;
  /** And so those that read. */
  failReading(error: KubeError | undefined): void;
  /** And so those of a dry run, which change nothing. */
  failTrying(error: KubeError | undefined): void;
}

export function createFakeDeployments(): FakeDeployments {
  const stored = new Map<string, Stored>();
  const requests: string[] = [];
  let version = 0;
  let failure: KubeError | undefined;
  let unread: KubeError | undefined;
  let untried: KubeError | undefined;

  function put(path: string, metadata: Partial<Metadata>, spec: Readonly<Record<string, unknown>>): Stored {
    const before = stored.get(path);
    const isSame = JSON.stringify(before?.spec) === JSON.stringify(spec);
    const isSameMetadata =
      before !== undefined && JSON.stringify({ ...before.metadata, ...metadata }) === JSON.stringify(before.metadata);
    if (isSame && isSameMetadata) return before;
    version += 1;
    const generation = isSame ? before?.metadata.generation : (before?.metadata.generation ?? 0) + 1;
    const own = {
      uid: before?.metadata.uid ?? `uid-${version}`,
      resourceVersion: String(version),
      generation: generation ?? 1,
    };
    const object: Stored = { metadata: { name: '', ...before?.metadata, ...metadata, ...own }, spec };
    stored.set(path, object);
    return object;
  }

  async function answer({ method, path, body, query }: KubeRequest): Promise<unknown> {
    requests.push(`${query?.dryRun === undefined ? method : 'TRY'} ${path}`);
    const known = stored.get(path);
    const notFound = new KubeError(`${path} not found`, { status: 404, reason: 'NotFound' });
    if (method !== 'GET' && failure !== undefined) throw failure;
    if (method === 'GET' && unread !== undefined) throw unread;
    if (query?.dryRun !== undefined) {
      if (untried !== undefined) throw untried;
      return known;
    }
    if (method === 'PATCH') {
      const { metadata, spec } = body as Stored; // what the applier sends
      const { uid } = metadata;
      if (uid && uid !== known?.metadata.uid) throw new KubeError('uid mismatch', { status: 409, reason: 'Conflict' });
      return put(path, metadata, spec);
    }
    if (known === undefined) throw notFound;
    if (method === 'DELETE') stored.delete(path);
    return known;
  }

  return {
    requests,
    // The caller names the type of what is kept here.
    request: async <T>(asked: KubeRequest) => (await answer(asked)) as T,
    get: (path) => stored.get(path),
    touch(path, { metadata = {}, spec = {} }) {
      const before = stored.get(path);
      put(path, metadata, { ...before?.spec, ...spec });
    },
    remove: (path) => void stored.delete(path),
    fail(error) {
      failure = error;
    },
    failReading(error) {
      unread = error;
    },
    failTrying(error) {
      untried = error;
    },
  };
}
