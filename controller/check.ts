/** What `helm test` runs: whether the cluster has the CRDs of this version, and a controller that works. */
import { parseArgs } from 'node:util';
import { messageOf } from '../common/errors.ts';
import { checks } from './check/checks.ts';
import { createKubeClient } from './kube/client.ts';

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    namespace: { type: 'string', default: process.env.POD_NAMESPACE ?? 'default' },
    'trigger-namespace': { type: 'string' },
    deployment: { type: 'string', default: 'kubeless-triggers' },
    lease: { type: 'string', default: 'kubeless-triggers' },
    policy: { type: 'string' },
    'wait-seconds': { type: 'string', default: '30' },
  },
});
const { kubeconfig, namespace, deployment, lease, policy } = values;
const client = createKubeClient({ ...(kubeconfig !== undefined && { kubeconfig }) });
const deadline = Date.now() + Number(values['wait-seconds']) * 1000;
const settings = {
  namespace,
  triggerNamespace: values['trigger-namespace'] ?? namespace,
  deployment,
  lease,
  ...(policy !== undefined && { policy }),
};
try {
  for (const { what, check } of checks(client, settings)) {
    const trouble = await lastTrouble(check);
    console.log(trouble === undefined ? `ok: ${what}` : `FAILED: ${what}: ${trouble}`);
    if (trouble !== undefined) process.exitCode = 1;
  }
} finally {
  await client.close();
}

/** Asks once more every second until the time is up: an installation is a moment old when it is tested. */
async function lastTrouble(check: () => Promise<string | undefined>): Promise<string | undefined> {
  for (;;) {
    const trouble = await check().catch(messageOf);
    if (trouble === undefined || Date.now() >= deadline) return trouble;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
