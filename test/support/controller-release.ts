/** The controller as the chart installs it, but in a process of the test: its ServiceAccount, its permissions, its flags. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dump } from 'js-yaml';
import { installCrds } from '../servers/kubernetes/crds.ts';
import type { KubernetesServer } from '../servers/kubernetes/index.ts';
import { type DispatcherProcess, startDispatcherProcess } from './dispatcher-process.ts';
import { createHelm } from './helm.ts';

export interface ControllerRelease {
  readonly namespace: string;
  /** Of the ServiceAccount. */
  readonly kubeconfig: string;
  /** That the kubeconfig has. */
  readonly token: string;
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
  readonly env?: Readonly<Record<string, string>>;
}

/** `ready`: it has listed everything, whether it leads or not. */
export type ControllerProcess = Omit<DispatcherProcess, 'status'>;

const MAIN = fileURLToPath(new URL('../../controller/main.ts', import.meta.url));

/** What the controller may do and is, but no pod of it. */
const INSTALLED = ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];

/** Makes a namespace with a release in it, and the CRDs unless told not to. `set` are values of the chart. */
export async function installController(
  cluster: KubernetesServer,
  set: Readonly<Record<string, string>> = {},
  { crds = true } = {},
): Promise<ControllerRelease> {
  const namespace = await cluster.namespace();
  if (crds) await installCrds(cluster);
  const helm = await createHelm();
  const values = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  // Names of the cluster's own objects are those of the release.
  const flags = ['--namespace', namespace, '--set', `fullnameOverride=kt-${namespace}`, ...values];
  const manifests = await helm.template(...flags);
  helm.end();
  const wanted = manifests.filter(({ kind }) => INSTALLED.includes(kind));
  await cluster.applyYaml(wanted.map((manifest) => `---\n${dump(manifest)}`).join(''));
  const account = wanted.find(({ kind }) => kind === 'ServiceAccount')?.metadata.name;
  const args: readonly string[] | undefined = manifests.find(({ kind }) => kind === 'Deployment')?.spec.template.spec
    .containers[0].args;
  if (account === undefined || args === undefined) throw new Error('installing the chart: its objects are not there');
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, account);
  const { users } = JSON.parse(await readFile(kubeconfig, 'utf8')) as { users: [{ user: { token: string } }] };
  const [{ user }] = users;
  const processes: ControllerProcess[] = [];

  return {
    namespace,
    kubeconfig,
    token: user.token,
    args,
    start(options = {}) {
      const own = ['--kubeconfig', options.kubeconfig ?? kubeconfig, '--probes-port=0'];
      const started = startDispatcherProcess({
        program: options.program ?? MAIN,
        args: [...args, ...own, ...(options.args ?? [])],
        nodeOptions: options.nodeOptions ?? [],
        env: { POD_NAME: `controller-${processes.length}`, POD_NAMESPACE: namespace, ...options.env },
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
