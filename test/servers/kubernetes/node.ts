/** Starts a real cluster with one real node: containerd, kubelet, kube-proxy and DNS in namespaces of their own. Root only. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Component, createComponent } from './component.ts';
import { type KubernetesServer, startKubernetes } from './index.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { childOf, type NodeNamespace, startNodeNamespace } from './netns.ts';
import { makeCgroup } from './node-cgroup.ts';
import { installNodeParts, pluginsFolder } from './node-parts.ts';
import * as settings from './node-settings.ts';
import { kubernetesTools } from './tools.ts';

/** In the order in which they start. */
export type NodeComponent = 'containerd' | 'kubelet' | 'kube-proxy' | 'coredns';

export interface NodeCluster extends KubernetesServer {
  /** The machine's address as pods reach it. */
  readonly hostAddress: string;
  /** Makes the images of an archive, as `podman save` writes it, known to the node. */
  loadImages(archive: string): Promise<void>;
  /** Kills the first process of a container; `containerID` as a pod's status has it. */
  killContainer(containerID: string): Promise<void>;
  nodeLogFile(component: NodeComponent): string;
  /** Kills a program of the node and starts it again; pods go on meanwhile. */
  restartOnNode(component: NodeComponent, signal?: NodeJS.Signals): Promise<void>;
}

export interface NodeOptions {
  /** Archives of images, that of the pods' sandboxes among them (`pauseImage`). */
  readonly images: readonly string[];
}

const run = promisify(execFile);
const NAME = 'node1';

/** Starts a cluster and resolves when its node takes pods. */
export async function startNodeCluster({ images }: NodeOptions): Promise<NodeCluster> {
  await installNodeParts();
  const tools = await kubernetesTools(['kubelet', 'kube-proxy', 'coredns']);
  const folder = await mkdtemp(join(tmpdir(), 'kubeless-triggers-node-'));
  const started: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const undo of started.splice(0).reverse()) await undo();
  };
  try {
    const cgroup = await makeCgroup();
    started.push(cgroup.remove);
    const namespace = await startNodeNamespace(folder);
    started.push(namespace.stop);
    const cluster = await startKubernetes({ address: namespace.hostAddress });
    started.push(cluster.stop);
    const programs = await createPrograms({ namespace, cluster, tools, folder, cgroup: cgroup.path });
    started.push(() => Promise.all([...programs.values()].map((program) => program.kill())));
    const ctr = (...args: readonly string[]) =>
      run('ctr', ['-a', settings.containerdSocket(folder), '-n', 'k8s.io', ...args]);
    const loadImages = async (archive: string) => {
      await ctr('images', 'import', archive);
    };

    await programOf('containerd').start();
    for (const archive of images) await loadImages(archive);
    await Promise.all((['kubelet', 'kube-proxy', 'coredns'] as const).map((name) => programOf(name).start()));
    return {
      ...cluster,
      hostAddress: namespace.hostAddress,
      loadImages,
      async killContainer(containerID) {
        await ctr('tasks', 'kill', '--signal', 'SIGKILL', containerID.replace('containerd://', ''));
      },
      nodeLogFile: (name) => programOf(name).logFile,
      async restartOnNode(name, signal) {
        await programOf(name).kill(signal);
        await programOf(name).start();
      },
      stop,
    };

    function programOf(name: NodeComponent): Component {
      const program = programs.get(name);
      if (!program) throw new Error(`using ${name}: no such program on the node`);
      return program;
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  readonly namespace: NodeNamespace;
  readonly cluster: KubernetesServer;
  readonly tools: Readonly<Record<'kubelet' | 'kube-proxy' | 'coredns', string>>;
  readonly folder: string;
  readonly cgroup: string;
}

async function createPrograms({ namespace, cluster, tools, folder, cgroup }: Parts) {
  const address = namespace.nodeAddress;
  const file = (name: string) => join(folder, name);
  const identity = async (name: string, subject: string, alternativeNames?: readonly string[]) => {
    const certificate = await cluster.authority.issue({ name, subject, ...(alternativeNames && { alternativeNames }) });
    const user = { 'client-certificate': certificate.cert, 'client-key': certificate.key };
    await writeKubeconfig(file(`${name}.kubeconfig`), { url: cluster.url, ca: cluster.ca, user });
    return { ...certificate, kubeconfig: file(`${name}.kubeconfig`) };
  };
  const names = [`DNS:${NAME}`, `IP:${address}`];
  const [kubelet, proxy] = await Promise.all([
    identity('kubelet', `/O=system:nodes/CN=system:node:${NAME}`, names),
    identity('kube-proxy', '/CN=system:kube-proxy'),
  ]);
  const node: settings.NodeSettings = {
    name: NAME,
    address,
    podCidr: namespace.podCidr,
    folder,
    kubeconfigs: { kubelet: kubelet.kubeconfig, kubeProxy: proxy.kubeconfig, coredns: cluster.kubeconfig },
    ca: cluster.authority.ca,
    serving: kubelet,
    plugins: await pluginsFolder(),
    cgroup,
  };
  await mkdir(file('cni'), { recursive: true });
  await Promise.all([
    writeFile(file('containerd.toml'), settings.renderContainerd(node)),
    writeFile(file('cni/pods.conflist'), settings.renderNetwork(node)),
    writeFile(file('kubelet.yaml'), settings.renderKubelet(node)),
    writeFile(file('kube-proxy.yaml'), settings.renderProxy(node)),
    writeFile(file('Corefile'), settings.renderDns(node)),
    writeFile(file('resolv.conf'), ''),
  ]);

  const programs = new Map<NodeComponent, Component>();
  const add = (name: NodeComponent, command: readonly [string, ...string[]], isReady: () => Promise<boolean>) => {
    const options = { name, command: namespace.inside(command), folder, isReady, findProcess: childOf };
    programs.set(name, createComponent(options));
  };
  add('containerd', ['containerd', '--config', file('containerd.toml')], async () => {
    await run('ctr', ['-a', settings.containerdSocket(folder), 'version']);
    return true;
  });
  const kubeletFlags = {
    config: file('kubelet.yaml'),
    kubeconfig: kubelet.kubeconfig,
    'root-dir': file('kubelet'),
    'cert-dir': file('kubelet/pki'),
    'hostname-override': NAME,
    'node-ip': address,
  };
  add('kubelet', [tools.kubelet, ...Object.entries(kubeletFlags).map((flag) => `--${flag.join('=')}`)], async () => {
    const { status } = await cluster.admin.get(`/api/v1/nodes/${NAME}`);
    return status.conditions.some(({ type, status }: Condition) => type === 'Ready' && status === 'True');
  });
  add('kube-proxy', [tools['kube-proxy'], '--config', file('kube-proxy.yaml')], () =>
    answersOk(`http://${address}:${settings.PROXY_HEALTH_PORT}/healthz`),
  );
  add('coredns', [tools.coredns, '-conf', file('Corefile')], () =>
    answersOk(`http://${address}:${settings.DNS_HEALTH_PORT}/ready`),
  );
  return programs;
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

async function answersOk(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
}
