/** Deletes Deployments that no trigger wants any more and that owner references don't reach. */
import { messageOf } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import { pathOf } from './apply.ts';
import type { Requests } from './guarded-client.ts';
import { KubeError } from './kube/client.ts';
import type { DeploymentObject } from './kube/objects.ts';
import { MANAGED_BY } from './ownership.ts';

export interface SweeperOptions {
  readonly client: Requests;
  readonly managedBy: string;
  readonly onDeleted: (result: 'done' | 'failed', what: string) => void;
  readonly logger: Logger;
}

export interface Sweeper {
  /**
   * Deletes those of these that are this installation's. All are tried; rejects with the first error, for the key to
   * be tried again.
   */
  sweep(deployments: readonly DeploymentObject[], why: string): Promise<void>;
}

export function createSweeper({ client, managedBy, onDeleted, logger }: SweeperOptions): Sweeper {
  async function remove({ metadata }: DeploymentObject, why: string): Promise<void> {
    const { namespace = '', name, uid } = metadata;
    const what = `Deployment ${namespace}/${name}`;
    try {
      await client.request({
        method: 'DELETE',
        path: pathOf(namespace, name),
        // Only this very object, and not one that has the name since.
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, propagationPolicy: 'Background' },
      });
      logger.info({ deployment: name, namespace, why }, 'Deployment deleted');
      onDeleted('done', what);
    } catch (error) {
      if (error instanceof KubeError && (error.status === 404 || error.status === 409)) return;
      onDeleted('failed', what);
      throw new Error(`deleting the ${what}: ${messageOf(error)}`, { cause: error });
    }
  }

  return {
    async sweep(deployments, why) {
      const ours = deployments.filter(({ metadata }) => {
        const manager = metadata.annotations?.[MANAGED_BY] ?? managedBy;
        return manager === managedBy && metadata.deletionTimestamp === undefined;
      });
      const results = await Promise.allSettled(ours.map((deployment) => remove(deployment, why)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}
