/** Overrides of the dispatcher's container. */
import type { Row, Stored } from './stored.ts';

const variable =
  (name: string) =>
  ({ dispatcher }: Stored) =>
    dispatcher.env.find((entry: { name: string }) => entry.name === name);
const names = ({ dispatcher }: Stored) => dispatcher.env.map(({ name }: { name: string }) => name);

const MODE = { scheme: 'HTTP' };
const READY = { periodSeconds: 3, timeoutSeconds: 2, failureThreshold: 2, successThreshold: 1 };
const ALIVE = { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6, successThreshold: 1 };

export const environmentRows: readonly Row[] = [
  {
    what: 'variables behind ours, in their order',
    given: {
      dispatcher: {
        env: [
          { name: 'B', value: '1' },
          { name: 'A', value: '$(B)' },
        ],
      },
    },
    look: (stored) => names(stored).slice(-3),
    is: ['KUBELESS_FUNCTION_SCHEME', 'B', 'A'],
  },
  {
    what: 'a variable from a Secret',
    given: { dispatcher: { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] } },
    look: variable('KEY'),
    is: { name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
  },
  {
    what: 'the time zone, from elsewhere',
    given: { dispatcher: { env: [{ name: 'TZ', valueFrom: { configMapKeyRef: { name: 'c', key: 'tz' } } }] } },
    look: variable('TZ'),
    is: { name: 'TZ', valueFrom: { configMapKeyRef: { name: 'c', key: 'tz' } } },
  },
  {
    what: 'the settings of the original dispatcher',
    given: { dispatcher: { env: [{ name: 'ERROR_BACKOFF_DELAY_MAX', value: '30' }] } },
    look: variable('ERROR_BACKOFF_DELAY_MAX'),
    is: { name: 'ERROR_BACKOFF_DELAY_MAX', value: '30' },
  },
  {
    what: 'no other name for the trigger',
    given: { dispatcher: { env: [{ name: 'TRIGGER_NAMESPACE', value: 'mine' }] } },
    look: (stored) => names(stored).filter((name: string) => name === 'TRIGGER_NAMESPACE'),
    is: ['TRIGGER_NAMESPACE'],
  },
  {
    what: 'a variable of ours removed',
    given: { dispatcher: { env: [{ name: 'TIMEZONE', value: '$remove' }] } },
    look: variable('TIMEZONE'),
    is: undefined,
  },
  {
    what: 'variables from whole objects',
    given: { dispatcher: { envFrom: [{ configMapRef: { name: 'c' } }, { secretRef: { name: 's' }, prefix: 'S_' }] } },
    look: ({ dispatcher }) => dispatcher.envFrom,
    is: [{ configMapRef: { name: 'c' } }, { prefix: 'S_', secretRef: { name: 's' } }],
  },
];

export const resourceRows: readonly Row[] = [
  {
    what: 'less than we ask for',
    given: { dispatcher: { resources: { limits: { memory: '128Mi', cpu: '0.1' } } } },
    look: ({ dispatcher }) => dispatcher.resources,
    is: { limits: { cpu: '100m', memory: '128Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
  },
  {
    what: 'more memory, and the rest as it is',
    given: { dispatcher: { resources: { limits: { memory: '2Gi' } } } },
    look: ({ dispatcher }) => dispatcher.resources,
    is: { limits: { cpu: '1', memory: '2Gi' }, requests: { cpu: '500m', memory: '512Mi' } },
  },
  {
    what: 'resources as the original README has them',
    given: { dispatcher: { resources: { limits: { cpu: 4, memory: '1Gi' }, requests: { cpu: 1, memory: '512Mi' } } } },
    look: ({ dispatcher }) => dispatcher.resources,
    is: { limits: { cpu: '4', memory: '1Gi' }, requests: { cpu: '1', memory: '512Mi' } },
  },
  {
    what: 'a GPU',
    given: { dispatcher: { resources: { limits: { 'nvidia.com/gpu': 1 } } } },
    look: ({ dispatcher }) => dispatcher.resources.limits,
    is: { cpu: '1', memory: '1Gi', 'nvidia.com/gpu': '1' },
  },
  ...[null, '$remove'].map((removed) => ({
    what: `no limit of processors, by ${removed}`,
    given: { dispatcher: { resources: { limits: { cpu: removed } } } },
    look: ({ dispatcher }: Stored) => dispatcher.resources.limits,
    is: { memory: '1Gi' },
  })),
];

export const probeRows: readonly Row[] = [
  {
    what: 'another name of the port that they go to',
    given: { dispatcher: { ports: [{ containerPort: 8080, name: 'http' }] } },
    look: ({ dispatcher }) => [dispatcher.readinessProbe.httpGet.port, dispatcher.livenessProbe.httpGet.port],
    is: [8080, 8080],
  },
  {
    what: 'a command instead of our liveness probe',
    given: { dispatcher: { livenessProbe: { exec: { command: ['true'] }, periodSeconds: 30 } } },
    look: ({ dispatcher }) => dispatcher.livenessProbe,
    is: { ...ALIVE, exec: { command: ['true'] }, periodSeconds: 30 },
  },
  {
    what: 'a connection instead of our readiness probe',
    given: { dispatcher: { readinessProbe: { tcpSocket: { port: 8080 } } } },
    look: ({ dispatcher }) => dispatcher.readinessProbe,
    is: { ...READY, tcpSocket: { port: 8080 } },
  },
  {
    what: 'another path of our readiness probe',
    given: { dispatcher: { readinessProbe: { httpGet: { path: '/healthz' } } } },
    look: ({ dispatcher }) => dispatcher.readinessProbe,
    is: { ...READY, httpGet: { ...MODE, path: '/healthz', port: 'probes' } },
  },
  {
    what: 'a startup probe',
    given: { dispatcher: { startupProbe: { httpGet: { path: '/healthz', port: 'probes' }, failureThreshold: 60 } } },
    look: ({ dispatcher }) => dispatcher.startupProbe.failureThreshold,
    is: 60,
  },
  ...[null, '$remove'].map((removed) => ({
    what: `no liveness probe, by ${removed}`,
    given: { dispatcher: { livenessProbe: removed } },
    look: ({ dispatcher }: Stored) => Object.keys(dispatcher).filter((field) => field.endsWith('Probe')),
    is: ['readinessProbe'],
  })),
];

export const containerRows: readonly Row[] = [
  {
    what: 'our image from another registry',
    given: { dispatcher: { image: 'mirror.example/x/kubeless-triggers-dispatcher:1.2.3' } },
    look: ({ dispatcher, deployment: { metadata } }) => [
      dispatcher.image,
      Object.entries(metadata.annotations ?? {}).find(([name]) => name === 'kubeless.io/dispatcher')?.[1],
    ],
    is: ['mirror.example/x/kubeless-triggers-dispatcher:1.2.3', 'current'],
  },
  {
    what: "an image of one's own",
    given: { dispatcher: { image: 'mine:1' } },
    look: ({ dispatcher }) => Object.keys(dispatcher).sort(),
    is: ['env', 'image', 'imagePullPolicy', 'name', 'resources', 'terminationMessagePath', 'terminationMessagePolicy'],
  },
  {
    what: "an image of one's own, with its token",
    given: { pulsar: { authTokenSecret: { name: 'pulsar', key: 'token' } }, dispatcher: { image: 'mine:1' } },
    look: variable('PULSAR_AUTH_TOKEN'),
    is: { name: 'PULSAR_AUTH_TOKEN', valueFrom: { secretKeyRef: { name: 'pulsar', key: 'token' } } },
  },
  {
    what: 'another pull policy',
    given: { dispatcher: { imagePullPolicy: 'Always' } },
    look: ({ dispatcher }) => dispatcher.imagePullPolicy,
    is: 'Always',
  },
  {
    what: 'a command with arguments',
    given: { dispatcher: { command: ['/bin/tini', '--'], args: ['node', '$remove'], workingDir: '/srv' } },
    look: ({ dispatcher: { command, args, workingDir } }) => ({ command, args, workingDir }),
    is: { command: ['/bin/tini', '--'], args: ['node', '$remove'], workingDir: '/srv' },
  },
  {
    what: 'something to do before the end',
    given: { dispatcher: { lifecycle: { preStop: { sleep: { seconds: 2 } } } } },
    look: ({ dispatcher }) => dispatcher.lifecycle,
    is: { preStop: { sleep: { seconds: 2 } } },
  },
  {
    what: 'a user, and the rest of our security context',
    given: { dispatcher: { securityContext: { runAsUser: 4711 } } },
    look: ({ dispatcher }) => dispatcher.securityContext,
    is: {
      runAsUser: 4711,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  },
  {
    what: 'a root file system that can be written',
    given: { dispatcher: { securityContext: { readOnlyRootFilesystem: false, capabilities: { drop: ['NET_RAW'] } } } },
    look: ({ dispatcher }) => dispatcher.securityContext,
    is: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: false, capabilities: { drop: ['NET_RAW'] } },
  },
  {
    what: 'another port',
    given: { dispatcher: { ports: [{ name: 'debug', containerPort: 9229 }] } },
    look: ({ dispatcher }) => dispatcher.ports,
    is: [
      { name: 'probes', containerPort: 8080, protocol: 'TCP' },
      { name: 'debug', containerPort: 9229, protocol: 'TCP' },
    ],
  },
  {
    what: 'another mount',
    given: {
      pod: { volumes: [{ name: 'ca', configMap: { name: 'ca' } }] },
      dispatcher: { volumeMounts: [{ name: 'ca', mountPath: '/ca', readOnly: true }] },
    },
    look: ({ dispatcher }) => dispatcher.volumeMounts,
    is: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'ca', mountPath: '/ca', readOnly: true },
    ],
  },
  {
    what: 'another volume at our path',
    given: {
      pod: { volumes: [{ name: 'big', emptyDir: {} }] },
      dispatcher: { volumeMounts: [{ name: 'big', mountPath: '/tmp' }] },
    },
    look: ({ dispatcher }) => dispatcher.volumeMounts,
    is: [{ name: 'big', mountPath: '/tmp' }],
  },
  {
    what: 'another name',
    given: { dispatcher: { name: 'consumer', terminationMessagePolicy: 'FallbackToLogsOnError' } },
    look: ({ pod }) => pod.containers.map(({ name }: { name: string }) => name),
    is: ['consumer'],
  },
];
