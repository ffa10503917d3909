/** A function in pods of a cluster, with a Service. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { KubernetesCluster } from '../servers/kubernetes/cluster.ts';
import type { Call } from '../support/ledger.ts';
import { podsOf } from './pods.ts';

export interface FunctionPods {
  /** `http://function.namespace:8080`: what a trigger names. */
  readonly url: string;
  /** Everything that any of its pods saw. */
  calls(): Promise<readonly Call[]>;
  /** The same, by pod. */
  callsByPod(): Promise<ReadonlyMap<string, readonly Call[]>>;
  /** Resolves when as many pods are ready. */
  scale(replicas: number): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('function-main.ts', import.meta.url));

export interface FunctionOptions {
  readonly namespace: string;
  /** Has Node. */
  readonly image: string;
  /** Default `function`. */
  readonly name?: string;
}

/** Starts it with one pod. */
export async function startFunctionPods(
  cluster: KubernetesCluster,
  { namespace, image, name = 'function' }: FunctionOptions,
): Promise<FunctionPods> {
  const program = await bundle();
  const labels = { app: name };
  const metadata = { name, namespace };
  const objects = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'function.mjs': program } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port: 8080 }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            securityContext: { runAsUser: 1000, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name,
                image,
                imagePullPolicy: 'IfNotPresent',
                command: ['node', '/program/function.mjs'],
                ports: [{ containerPort: 8080 }],
                readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMounts: [{ name: 'program', mountPath: '/program' }],
              },
            ],
            volumes: [{ name: 'program', configMap: { name } }],
          },
        },
      },
    },
  ];
  await cluster.applyYaml(objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const scale = async (replicas: number) => {
    await cluster.kubectl('-n', namespace, 'scale', `deployment/${name}`, `--replicas=${replicas}`);
    await cluster.kubectl('-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=60s');
  };
  await scale(1);
  const callsByPod = async () => {
    const byPod = new Map<string, readonly Call[]>();
    for (const { metadata } of await podsOf(cluster, namespace, `app=${name}`)) {
      const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}:8080/proxy/calls`;
      byPod.set(metadata.name, await cluster.admin.get<Call[]>(path));
    }
    return byPod;
  };
  return {
    url: `http://${name}.${namespace}:8080`,
    scale,
    callsByPod,
    calls: async () => [...(await callsByPod()).values()].flat(),
  };
}

/** One file of the program and what it imports. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [PROGRAM],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    write: false,
  });
  return outputFiles.map(({ text }) => text).join('');
}
