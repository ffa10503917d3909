/** The programs of a control plane, with their arguments. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../support/free-port.ts';
import { answersOk, type Component, createComponent } from './component.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { type Authority, type Certificate, createAuthority } from './pki.ts';

/** In the order in which they start. */
export type PlaneComponent = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

export interface ControlPlaneOptions {
  /** Paths of the programs. */
  readonly tools: Readonly<Record<PlaneComponent, string>>;
  readonly folder: string;
  /** Every request is written to `audit.log`, without bodies. */
  readonly audit: boolean;
  readonly scheduler: boolean;
  /** What all programs listen on; pods on a real node reach the API server there. */
  readonly address: string;
}

export interface ControlPlane {
  readonly url: string;
  readonly etcdUrl: string;
  readonly authority: Authority;
  /** Of cluster-admin. */
  readonly admin: Certificate;
  /** Path. */
  readonly adminKubeconfig: string;
  readonly auditLog: string;
  readonly components: ReadonlyMap<PlaneComponent, Component>;
}

const SERVICE_CIDR = '10.96.0.0/16';
/** The address of the Service `kubernetes`. */
const SERVICE_ADDRESS = '10.96.0.1';
/** Endpoints of the Service `kubernetes` can't be loopback; this one leads nowhere (RFC 5737). */
const NOWHERE = '192.0.2.1';

/** Makes certificates, kubeconfigs and the components, none of which runs yet. */
export async function createControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { tools, folder, audit, scheduler, address } = options;
  const [etcdPort, peerPort, port, managerPort, schedulerPort] = await freePorts(5);
  const url = `https://${address}:${port}`;
  const etcdUrl = `http://${address}:${etcdPort}`;
  const authority = await createAuthority(join(folder, 'pki'));
  const ca = await readFile(authority.ca, 'utf8');
  const identity = async (name: string, subject: string) => {
    const certificate = await authority.issue({ name, subject });
    const kubeconfig = join(folder, `${name}.kubeconfig`);
    const user = { 'client-certificate': certificate.cert, 'client-key': certificate.key };
    await writeKubeconfig(kubeconfig, { url, ca, user });
    return { ...certificate, kubeconfig };
  };
  const [admin, manager, schedulerUser, kubeletClient, serving] = await Promise.all([
    identity('admin', '/O=system:masters/CN=admin'),
    identity('kube-controller-manager', '/CN=system:kube-controller-manager'),
    identity('kube-scheduler', '/CN=system:kube-scheduler'),
    authority.issue({ name: 'kubelet-client', subject: '/O=system:masters/CN=kube-apiserver-kubelet-client' }),
    authority.issue({
      name: 'kube-apiserver',
      subject: '/CN=kube-apiserver',
      alternativeNames: [...SERVER_NAMES, ...new Set([address, '127.0.0.1'].map((ip) => `IP:${ip}`))],
    }),
  ]);
  const auditLog = join(folder, 'audit.log');
  const auditPolicy = join(folder, 'audit-policy.json');
  await writeFile(auditPolicy, JSON.stringify(AUDIT_POLICY));

  const components = new Map<PlaneComponent, Component>();
  const add = (name: PlaneComponent, flags: Flags, readyUrl: string) => {
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    const isReady = () => answersOk(readyUrl);
    components.set(name, createComponent({ name, command: [tools[name], ...args], folder, isReady }));
  };

  const peerUrl = `http://${address}:${peerPort}`;
  add(
    'etcd',
    {
      'data-dir': join(folder, 'etcd'),
      'unsafe-no-fsync': true,
      'log-level': 'error',
      'listen-client-urls': etcdUrl,
      'advertise-client-urls': etcdUrl,
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': `default=${peerUrl}`,
    },
    `${etcdUrl}/health`,
  );
  add(
    'kube-apiserver',
    {
      'etcd-servers': etcdUrl,
      'bind-address': address,
      'advertise-address': address.startsWith('127.') ? NOWHERE : address,
      'secure-port': port,
      'service-cluster-ip-range': SERVICE_CIDR,
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction',
      'allow-privileged': true,
      'client-ca-file': authority.ca,
      'tls-cert-file': serving.cert,
      'tls-private-key-file': serving.key,
      'kubelet-client-certificate': kubeletClient.cert,
      'kubelet-client-key': kubeletClient.key,
      'kubelet-certificate-authority': authority.ca,
      'kubelet-preferred-address-types': 'InternalIP,Hostname',
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-key-file': authority.tokenKey,
      'service-account-signing-key-file': authority.tokenKey,
      ...(audit && { 'audit-policy-file': auditPolicy, 'audit-log-path': auditLog }),
    },
    `${url}/readyz`,
  );
  const delegating = (kubeconfig: string) => ({
    kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': address,
    'leader-elect': false,
    // With the default 20 a second a new cluster takes 7 s to its first ServiceAccount.
    'kube-api-qps': 1000,
    'kube-api-burst': 2000,
  });
  add(
    'kube-controller-manager',
    {
      ...delegating(manager.kubeconfig),
      'secure-port': managerPort,
      'use-service-account-credentials': true,
      'service-account-private-key-file': authority.tokenKey,
      'root-ca-file': authority.ca,
      'cluster-signing-cert-file': authority.ca,
      'cluster-signing-key-file': authority.key,
    },
    `https://${address}:${managerPort}/healthz`,
  );
  if (scheduler) {
    const flags = { ...delegating(schedulerUser.kubeconfig), 'secure-port': schedulerPort };
    add('kube-scheduler', flags, `https://${address}:${schedulerPort}/healthz`);
  }
  return { url, etcdUrl, authority, admin, adminKubeconfig: admin.kubeconfig, auditLog, components };
}

type Flags = Readonly<Record<string, string | number | boolean | undefined>>;

const SERVER_NAMES = [
  'DNS:localhost',
  'DNS:kubernetes',
  'DNS:kubernetes.default',
  'DNS:kubernetes.default.svc',
  'DNS:kubernetes.default.svc.cluster.local',
  `IP:${SERVICE_ADDRESS}`,
];

const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'None', verbs: ['get', 'list', 'watch'] }, { level: 'Metadata' }],
};
