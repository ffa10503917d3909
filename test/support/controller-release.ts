/** The controller as the chart installs it, but in a process of the test: its ServiceAccount, its permissions, its flags. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dump, loadAll } from 'js-yaml';
import type { KubernetesCluster } from '../servers/kubernetes/cluster.ts';
import { kubernetesTools } from '../servers/kubernetes/tools.ts';
import { type DispatcherProcess, startDispatcherProcess } from './dispatcher-process.ts';

export interface ControllerRelease {
  readonly namespace: string;
  /** Of the ServiceAccount. */
  readonly kubeconfig: string;
  /** Flags as the chart gives them. */
  readonly args: readonly string[];
  /** Starts one replica. */
  start(options?: StartOptions): ControllerProcess;
  /** Kills all replicas and takes the permissions away. */
  uninstall(): Promise<void>;
}

export interface StartOptions {
  /** After those of the chart. */
  readonly args?: readonly string[];
  /** Instead of the ServiceAccount's own; to go through a proxy. */
  readonly kubeconfig?: string;
  readonly nodeOptions?: readonly string[];
  readonly program?: string;
}

/** `ready`: it has listed everything, whether it leads or not. */
export type ControllerProcess = Omit<DispatcherProcess, 'status'>;

const CHART = fileURLToPath(new URL('../../chart/kubeless-triggers', import.meta.url));
const CRD = fileURLToPath(new URL('../../crd.yaml', import.meta.url));
const MAIN = fileURLToPath(new URL('../../controller/main.ts', import.meta.url));

/** What the controller may do and is, but no pod of it. */
const INSTALLED = ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly template: { readonly spec: { readonly containers: readonly { args: string[] }[] } } };
}

/** Makes a namespace with a release in it, and the CRDs. `set` are values of the chart. */
export async function installController(
  cluster: KubernetesCluster,
  set: Readonly<Record<string, string>> = {},
): Promise<ControllerRelease> {
  const { helm } = await kubernetesTools(['helm']);
  const namespace = await cluster.namespace();
  await cluster.applyYaml(await readFile(CRD, 'utf8'));
  const values = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  // Names of the cluster's own objects are those of the release.
  const flags = ['template', `kt-${namespace}`, CHART, '--namespace', namespace, ...values];
  const { stdout } = await promisify(execFile)(helm, flags);
  const manifests = loadAll(stdout).filter((manifest) => manifest !== null) as Manifest[]; // what charts are made of
  const wanted = manifests.filter(({ kind }) => INSTALLED.includes(kind));
  const yaml = wanted.map((manifest) => `---\n${dump(manifest)}`).join('');
  await cluster.applyYaml(yaml);
  const account = wanted.find(({ kind }) => kind === 'ServiceAccount')?.metadata.name;
  const args = manifests.find(({ kind }) => kind === 'Deployment')?.spec?.template.spec.containers[0]?.args;
  if (account === undefined || args === undefined) throw new Error('installing the chart: its objects are not there');
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, account);
  const processes: ControllerProcess[] = [];

  return {
    namespace,
    kubeconfig,
    args,
    start(options = {}) {
      const own = ['--kubeconfig', options.kubeconfig ?? kubeconfig, '--probes-port=0'];
      const started = startDispatcherProcess({
        program: options.program ?? MAIN,
        args: [...args, ...own, ...(options.args ?? [])],
        nodeOptions: options.nodeOptions ?? [],
        env: { POD_NAME: `controller-${processes.length}`, POD_NAMESPACE: namespace },
      });
      processes.push(started);
      return started;
    },
    async uninstall() {
      await Promise.all(processes.map((each) => each.kill('SIGKILL')));
      for (const { kind, metadata } of wanted) {
        if (kind.startsWith('Cluster')) {
          await cluster.admin.delete(`/apis/rbac.authorization.k8s.io/v1/${kind.toLowerCase()}s/${metadata.name}`);
        }
      }
    },
  };
}
