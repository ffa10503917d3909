/** What `helm test` runs: whether the cluster has the CRDs of this version, and a controller that works. */
import { parseArgs } from 'node:util';
import { readProxySettings } from '../common/proxy.ts';
import { checks } from './check/checks.ts';
import { lastProblem } from './check/last-problem.ts';
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
const { kubeconfig, namespace, deployment, lease, policy, 'wait-seconds': wait } = values;
if (!/^\d{1,4}$/.test(wait)) {
  console.error(`--wait-seconds is ${JSON.stringify(wait)}. Write a number of seconds from 0 to 9999.`);
  process.exit(1);
}
const client = createKubeClient({
  ...(kubeconfig !== undefined && { kubeconfig }),
  proxy: readProxySettings(process.env),
});
const settings = {
  namespace,
  triggerNamespace: values['trigger-namespace'] ?? namespace,
  deployment,
  lease,
  ...(policy !== undefined && { policy }),
};
try {
  const results = checks(client, settings).map(async (check) => ({
    what: check.what,
    problem: await lastProblem(check, Number(wait) * 1000),
  }));
  for await (const { what, problem } of results) {
    console.log(problem === undefined ? `ok: ${what}` : `FAILED: ${what}: ${problem}`);
    if (problem !== undefined) process.exitCode = 1;
  }
} finally {
  await client.close();
}
