/** Overrides of the pod. */
import type { Row } from './stored.ts';

const sidecar = { name: 'logs', image: 'fluent-bit:3', env: [{ name: 'A', value: '1' }] };
const tolerations = [
  { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'gpu', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
];
const zones = {
  nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }] }],
};
const spread = {
  maxSkew: 1,
  topologyKey: 'kubernetes.io/hostname',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: { team: 'money' } },
};
const dnsConfig = { nameservers: ['10.0.0.53'], options: [{ name: 'ndots', value: '2' }] };

export const containerListRows: readonly Row[] = [
  {
    what: 'a sidecar, whole',
    given: { pod: { containers: [{}, sidecar] } },
    look: ({ pod }) =>
      pod.containers.map(({ name, image, env }: typeof sidecar) => ({ name, image, vars: env.length })),
    is: [
      { name: 'dispatcher', image: 'localhost/kubeless-triggers-dispatcher:1.2.3', vars: 14 },
      { name: 'logs', image: 'fluent-bit:3', vars: 1 },
    ],
  },
  {
    what: 'a container that runs before',
    given: { pod: { initContainers: [{ name: 'wait', image: 'busybox', command: ['true'], args: null }] } },
    look: ({ pod }) => pod.initContainers[0].command,
    is: ['true'],
  },
  {
    what: 'a container that runs before and goes on',
    given: { pod: { initContainers: [{ ...sidecar, restartPolicy: 'Always' }] } },
    look: ({ pod }) => pod.initContainers[0].restartPolicy,
    is: 'Always',
  },
];

export const volumeRows: readonly Row[] = [
  {
    what: 'none of ours',
    given: { pod: { volumes: [{ name: 'tmp', emptyDir: '$remove' }] } },
    look: ({ pod, dispatcher }) => [pod.volumes, dispatcher.volumeMounts],
    is: [undefined, undefined],
  },
  {
    what: 'more volumes',
    given: { pod: { volumes: [{ name: 'ca', configMap: { name: 'ca' } }] } },
    look: ({ pod }) => pod.volumes,
    is: [
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      { name: 'ca', configMap: { name: 'ca', defaultMode: 420 } },
    ],
  },
  {
    what: 'memory for temporary files',
    given: { pod: { volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }] } },
    look: ({ pod }) => pod.volumes,
    is: [{ name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }],
  },
  {
    what: 'a disk for temporary files',
    given: { pod: { volumes: [{ name: 'tmp', persistentVolumeClaim: { claimName: 'disk' } }] } },
    look: ({ pod }) => pod.volumes,
    is: [{ name: 'tmp', persistentVolumeClaim: { claimName: 'disk' } }],
  },
  {
    what: 'no place for temporary files',
    given: {
      pod: { volumes: [{ name: 'tmp', emptyDir: '$remove' }] },
      dispatcher: { volumeMounts: [{ mountPath: '/tmp', name: '$remove' }] },
    },
    look: ({ pod, dispatcher }) => [pod.volumes, dispatcher.volumeMounts],
    is: [undefined, undefined],
  },
  {
    what: 'the Secrets of the trigger, as directories',
    given: {
      pulsar: { authTokenSecret: { name: 'pulsar', key: 'token' }, tls: { certSecret: { name: 'a.b' } } },
      pod: { volumes: [{ name: 'secret-pulsar', secret: { defaultMode: 0o400 } }] },
    },
    look: ({ pod, dispatcher }) => [pod.volumes.slice(1), dispatcher.volumeMounts.slice(1)],
    is: [
      [
        { name: 'secret-a-b-2e7336dc', secret: { secretName: 'a.b', defaultMode: 420 } },
        { name: 'secret-pulsar', secret: { secretName: 'pulsar', defaultMode: 0o400 } },
      ],
      [
        { name: 'secret-a-b-2e7336dc', mountPath: '/var/run/secrets/kubeless.io/a.b', readOnly: true },
        { name: 'secret-pulsar', mountPath: '/var/run/secrets/kubeless.io/pulsar', readOnly: true },
      ],
    ],
  },
];

export const placeRows: readonly Row[] = [
  {
    what: 'two tolerations of one key',
    given: { pod: { tolerations } },
    look: ({ pod }) => pod.tolerations,
    is: tolerations,
  },
  {
    what: 'a node selector',
    given: { pod: { nodeSelector: { 'kubernetes.io/arch': 'arm64', disk: 'ssd' } } },
    look: ({ pod }) => pod.nodeSelector,
    is: { 'kubernetes.io/arch': 'arm64', disk: 'ssd' },
  },
  {
    what: 'affinity to nodes',
    given: { pod: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: zones } } } },
    look: ({ pod }) => pod.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution,
    is: zones,
  },
  {
    what: 'an even spread',
    given: { pod: { topologySpreadConstraints: [spread] } },
    look: ({ pod }) => pod.topologySpreadConstraints,
    is: [spread],
  },
  {
    what: 'a priority and a scheduler',
    given: { pod: { priorityClassName: 'system-cluster-critical', schedulerName: 'mine' } },
    look: ({ pod: { priorityClassName, schedulerName } }) => [priorityClassName, schedulerName],
    is: ['system-cluster-critical', 'mine'],
  },
  {
    what: 'a runtime class',
    given: { pod: { runtimeClassName: 'gvisor' } },
    look: ({ pod }) => pod.runtimeClassName,
    is: 'gvisor',
  },
  {
    what: "the node's network",
    given: { pod: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } },
    look: ({ pod }) => [pod.hostNetwork, pod.dnsPolicy],
    is: [true, 'ClusterFirstWithHostNet'],
  },
  {
    what: 'name servers and names of its own',
    given: { pod: { dnsConfig, hostAliases: [{ ip: '10.0.0.1', hostnames: ['pulsar'] }] } },
    look: ({ pod }) => [pod.dnsConfig, pod.hostAliases],
    is: [dnsConfig, [{ ip: '10.0.0.1', hostnames: ['pulsar'] }]],
  },
];

export const identityRows: readonly Row[] = [
  {
    what: 'a ServiceAccount, with its token',
    given: { pod: { serviceAccountName: 'pulsar-reader', automountServiceAccountToken: true } },
    look: ({ pod }) => [pod.serviceAccountName, pod.automountServiceAccountToken],
    is: ['pulsar-reader', true],
  },
  {
    what: 'secrets to pull images with',
    given: { pod: { imagePullSecrets: [{ name: 'registry' }] } },
    look: ({ pod }) => pod.imagePullSecrets,
    is: [{ name: 'registry' }],
  },
  {
    what: 'a group for files, and the rest of our security context',
    given: { pod: { securityContext: { fsGroup: 2000 } } },
    look: ({ pod }) => pod.securityContext,
    is: { fsGroup: 2000, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  },
  {
    what: 'no security context of the pod',
    given: { pod: { securityContext: '$remove' } },
    look: ({ pod }) => pod.securityContext,
    is: {},
  },
  {
    what: 'little time to end',
    given: { pod: { terminationGracePeriodSeconds: 20, shareProcessNamespace: true } },
    look: ({ pod }) => [pod.terminationGracePeriodSeconds, pod.shareProcessNamespace],
    is: [20, true],
  },
  {
    what: 'variables about Services',
    given: { pod: { enableServiceLinks: null } },
    look: ({ pod }) => pod.enableServiceLinks,
    is: undefined,
  },
];
