/** Deletes Deployments that no trigger wants any more and that owner references don't reach. */
import { messageOf } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import type { Requests } from './guarded-client.ts';
import { saysAbsent } from './kube/client.ts';
import type { DeploymentObject } from './kube/objects.ts';
import { createLiveReads, pathOf } from './live-reads.ts';
import { mayDelete } from './ownership.ts';

export interface SweeperOptions {
  readonly client: Requests;
  readonly managedBy: string;
  readonly onDeleted: (result: 'done' | 'failed', what: string) => void;
  readonly logger: Logger;
}

/**
 * `holds`: the reason is a fact. `passed`: it isn't so, or no longer. `outdated`: it came from a copy that is behind,
 * and is to be judged anew.
 */
export type Answer = 'holds' | 'passed' | 'outdated';
/** `unknown`: nobody could tell. */
export type Finding =
  | { [A in Answer]: { readonly kind: A } }[Answer]
  | { readonly kind: 'unknown'; readonly error: unknown };

export interface Sweep {
  /** `<Kind>/<namespace>/<name>` of the trigger. */
  readonly key: string;
  readonly deployments: readonly DeploymentObject[];
  /** For the log. */
  readonly why: string;
  /** Asks the API server itself whether the reason is a fact. What it rejects with becomes `unknown`. */
  readonly confirm: () => Promise<Answer>;
}

export interface Sweeper {
  /**
   * Deletes those that are this installation's, and only where `confirm` answers `holds`; it isn't asked when there
   * are none. All are tried; rejects with the first error, for the key to be tried again.
   */
  sweep(sweep: Sweep): Promise<Finding>;
}

export function createSweeper({ client, managedBy, onDeleted, logger }: SweeperOptions): Sweeper {
  const live = createLiveReads(client);

  async function remove(held: DeploymentObject, { key, why }: Sweep): Promise<void> {
    const { namespace = '', name, uid } = held.metadata;
    const what = `Deployment ${namespace}/${name}`;
    try {
      const found = await live.deployment(namespace, name);
      if (found?.metadata.uid !== uid || !mayDelete(found, { key, managedBy })) return;
      const { resourceVersion } = found.metadata;
      await client.request({
        method: 'DELETE',
        path: pathOf(namespace, name),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          // Only this very object as it was just read: not one that has the name since, nor has another owner since.
          preconditions: { uid, resourceVersion },
          propagationPolicy: 'Background',
        },
      });
      logger.info({ deployment: name, namespace, why }, 'Deployment deleted');
      onDeleted('done', what);
    } catch (error) {
      if (saysAbsent(error)) return;
      onDeleted('failed', what);
      throw new Error(`deleting the ${what}: ${messageOf(error)}`, { cause: error });
    }
  }

  return {
    async sweep(sweep) {
      const { key, deployments, confirm } = sweep;
      const ours = deployments.filter((deployment) => mayDelete(deployment, { key, managedBy }));
      if (ours.length === 0) return { kind: 'holds' };
      const finding = await confirm().then(
        (kind): Finding => ({ kind }),
        (error: unknown): Finding => ({ kind: 'unknown', error }),
      );
      if (finding.kind !== 'holds') return finding;
      const results = await Promise.allSettled(ours.map((deployment) => remove(deployment, sweep)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return finding;
    },
  };
}
