/** Starts a real Kubernetes control plane (etcd, API server, controller manager, scheduler) on loopback, without root. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../support/wait-for.ts';
import { type AuditEvent, readAuditEvents } from './audit.ts';
import { connectCluster, type KubernetesCluster } from './cluster.ts';
import type { Component } from './component.ts';
import { createControlPlane, type PlaneComponent } from './control-plane.ts';
import { compactEtcd } from './etcd.ts';
import { addKwokNode, createKwok, releaseKwokNode } from './kwok.ts';
import type { Authority } from './pki.ts';
import { kubernetesTools } from './tools.ts';

export type ComponentName = PlaneComponent | 'kwok';

/** A cluster of our own. Ports, certificates and data stay the same while components are killed and started. */
export interface KubernetesServer extends KubernetesCluster {
  /** Issues certificates that the cluster trusts, a node's for one. */
  readonly authority: Authority;
  /** Everything of the cluster; removed by `stop`. */
  readonly folder: string;
  /** The process of a component, or undefined while it is down. */
  pid(component: ComponentName): number | undefined;
  logFile(component: ComponentName): string;
  /** Sends a signal and waits until the process has ended. The data stays. Default SIGKILL. */
  kill(component: ComponentName, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a component after `kill`; resolves when it is ready. */
  start(component: ComponentName): Promise<void>;
  /**
   * `kill`, then `start`. Default SIGKILL: an API server that is asked to end waits for its watches. With it the others are
   * started anew, which would come back by themselves up to a minute later.
   */
  restart(component: ComponentName, signal?: NodeJS.Signals): Promise<void>;
  /**
   * Forgets all earlier versions of objects, in etcd and, by a restart, in the API server's cache: watches end, and a
   * watch from an earlier version is answered 410.
   */
  compact(): Promise<void>;
  /** The requests that wanted to write, in order; only with `audit`. One may appear shortly after its answer. */
  auditEvents(): Promise<readonly AuditEvent[]>;
  /** Ends all processes and removes the data. Idempotent. */
  stop(): Promise<void>;
}

export interface KubernetesOptions {
  /** Keep a log of all requests that want to write, for `auditEvents`. Default false. */
  readonly audit?: boolean;
  /** Default true; without it no pod gets a node. */
  readonly scheduler?: boolean;
  /** Have a node whose pods become Ready at once without running (kwok.ts). Default false. */
  readonly kwok?: boolean;
  /** What everything listens on, for clusters with a real node. Default 127.0.0.1. */
  readonly address?: string;
}

/** Starts a cluster and resolves when pods can be made. What is missing on the machine is one sentence with its cure. */
export async function startKubernetes(options: KubernetesOptions = {}): Promise<KubernetesServer> {
  const { audit = false, scheduler = true, kwok = false, address = '127.0.0.1' } = options;
  const tools = await kubernetesTools();
  const folder = await mkdtemp(join(tmpdir(), 'kubeless-triggers-kubernetes-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  const plane = await createControlPlane({ tools, folder, audit, scheduler, address }).catch(async (error) => {
    await removeFolder();
    throw error;
  });
  const { url, adminKubeconfig: kubeconfig } = plane;
  const [ca, cert, key] = await Promise.all(
    [plane.authority.ca, plane.admin.cert, plane.admin.key].map((file) => readFile(file, 'utf8')),
  );
  const { cluster } = connectCluster({ credentials: { url, ca, cert, key }, kubeconfig, tools, folder });
  const components = new Map<ComponentName, Component>(plane.components);
  if (kwok) components.set('kwok', await createKwok({ kwok: tools.kwok, folder, kubeconfig }));

  const clients = [...components.keys()].filter((name) => name !== 'etcd' && name !== 'kube-apiserver');

  const component = (name: ComponentName) => {
    const found = components.get(name);
    if (!found) throw new Error(`using ${name}: this cluster was started without it`);
    return found;
  };
  const restart = async (name: ComponentName, signal?: NodeJS.Signals) => {
    await component(name).kill(signal);
    if (name === 'kwok') await releaseKwokNode(cluster.admin);
    await component(name).start();
    if (name === 'kube-apiserver') await Promise.all(clients.map((client) => restart(client)));
  };
  const stop = async () => {
    await Promise.all([...components.values()].map((each) => each.kill()));
    await cluster.admin.close();
    await removeFolder();
  };

  try {
    await component('etcd').start();
    await component('kube-apiserver').start();
    await Promise.all(clients.map((name) => component(name).start()));
    const account = '/api/v1/namespaces/default/serviceaccounts/default';
    await waitFor(() => cluster.admin.find(account), { timeout: 60_000, what: 'the first ServiceAccount' });
    if (kwok) await addKwokNode(cluster.admin);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...cluster,
    authority: plane.authority,
    folder,
    pid: (name) => component(name).pid,
    logFile: (name) => component(name).logFile,
    kill: (name, signal) => component(name).kill(signal),
    start: (name) => component(name).start(),
    restart,
    async compact() {
      await component('kube-apiserver').kill();
      await compactEtcd(plane.etcdUrl);
      await restart('kube-apiserver');
    },
    auditEvents: () => readAuditEvents(plane.auditLog),
    stop,
  };
}
