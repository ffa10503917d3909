/** What the programs of a node are configured with. JSON is YAML. */

export interface NodeSettings {
  readonly name: string;
  /** The node's own, on which the cluster's DNS listens too. */
  readonly address: string;
  readonly podCidr: string;
  /** The node's data; short, because sockets lie in it. */
  readonly folder: string;
  /** Paths of kubeconfigs. */
  readonly kubeconfigs: { readonly kubelet: string; readonly kubeProxy: string; readonly coredns: string };
  /** Path of the CA's certificate. */
  readonly ca: string;
  /** Paths of what the kubelet serves with. */
  readonly serving: { readonly cert: string; readonly key: string };
  /** The folder of the CNI plugins. */
  readonly plugins: string;
  /** Below every controller's cgroup. */
  readonly cgroup: string;
}

export const PAUSE_IMAGE = 'localhost/pause:1';
const CLUSTER_DOMAIN = 'cluster.local';

export function containerdSocket(folder: string): string {
  return `${folder}/containerd.sock`;
}

export function renderContainerd({ folder, plugins }: NodeSettings): string {
  return `
version = 2
root = "${folder}/containerd"
state = "/run/containerd"
disabled_plugins = [${['btrfs', 'zfs', 'aufs', 'devmapper'].map((name) => `"io.containerd.snapshotter.v1.${name}"`)}]
[grpc]
  address = "${containerdSocket(folder)}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${plugins}"
    conf_dir = "${folder}/cni"
`;
}

/** A link between node and pod each, and routes; no bridge. */
export function renderNetwork({ podCidr }: NodeSettings): string {
  const ipam = { type: 'host-local', subnet: podCidr, routes: [{ dst: '0.0.0.0/0' }] };
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      { type: 'ptp', ipMasq: false, mtu: 1400, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}

export function renderKubelet({ folder, address, ca, serving, cgroup }: NodeSettings): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: ca } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: serving.cert,
    tlsPrivateKeyFile: serving.key,
    containerRuntimeEndpoint: `unix://${containerdSocket(folder)}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    featureGates: { KubeletInUserNamespace: true },
    clusterDNS: [address],
    clusterDomain: CLUSTER_DOMAIN,
    resolvConf: `${folder}/resolv.conf`,
    // A full disk of the machine is no business of the tests.
    evictionHard: Object.fromEntries(EVICTION_SIGNALS.map((signal) => [signal, '0%'])),
    imageGCHighThresholdPercent: 100,
    imageMinimumGCAge: '24h',
    volumePluginDir: `${folder}/kubelet/plugins`,
    podLogsDir: `${folder}/pods`,
    nodeStatusUpdateFrequency: '4s',
    syncFrequency: '5s',
  });
}

const EVICTION_SIGNALS = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
];

export const PROXY_HEALTH_PORT = 10256;
export const DNS_HEALTH_PORT = 8181;

export function renderProxy({ name, address, podCidr, kubeconfigs }: NodeSettings): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: kubeconfigs.kubeProxy },
    hostnameOverride: name,
    mode: 'iptables',
    iptables: { minSyncPeriod: '100ms' },
    clusterCIDR: podCidr,
    healthzBindAddress: `${address}:${PROXY_HEALTH_PORT}`,
    metricsBindAddress: '127.0.0.1:10249',
    // These settings are the machine's own.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  });
}

/** Names outside of the cluster are refused: nothing there could be reached. */
export function renderDns({ address, kubeconfigs }: NodeSettings): string {
  return `
.:53 {
  bind ${address}
  errors
  ready ${address}:${DNS_HEALTH_PORT}
  kubernetes ${CLUSTER_DOMAIN} in-addr.arpa {
    kubeconfig ${kubeconfigs.coredns}
    pods insecure
    ttl 1
  }
}
`;
}
