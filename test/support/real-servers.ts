/** Stops, at the end of a run, the servers that its tests shared. */
import { stopEnvironment } from '../e2e/environment.ts';
import { stopOwnCluster } from '../integration/chart/own-cluster.ts';
import { stopSharedKubernetes } from '../servers/kubernetes/shared.ts';
import { stopSharedPulsar } from '../servers/pulsar/shared.ts';

export const mochaHooks = {
  async afterAll(this: Mocha.Context) {
    this.timeout(60_000);
    await Promise.all([stopEnvironment(), stopSharedKubernetes(), stopOwnCluster(), stopSharedPulsar()]);
  },
};
