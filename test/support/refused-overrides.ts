/** Overrides that an API server refuses by a name, a type, a key or a quantity, and what is said of each without one. */
import type { Overridden } from './rendered.ts';

/** `cure` is what the cure includes. */
export type RefusedOverride = readonly [given: Overridden, path: string, cure: string];

const DEPLOYMENT = 'spec.deployment';
const SPEC = `${DEPLOYMENT}.spec`;
const POD = `${SPEC}.template.spec`;
const DISPATCHER = `${POD}.containers[0]`;

const deployment = (fields: object): Overridden => ({ deployment: fields });
const spec = (fields: object): Overridden => deployment({ spec: fields });
const pod = (fields: Overridden['pod'] & object): Overridden => ({ pod: fields });
const dispatcher = (fields: Overridden['dispatcher'] & object): Overridden => ({ dispatcher: fields });
const sidecar = (fields: object): Overridden => pod({ containers: [{}, { name: 's', image: 'x', ...fields }] });
const variable = (fields: object): Overridden => dispatcher({ env: [{ name: 'A', ...fields }] });

/** Names and words that no Kubernetes of the version of our data knows. */
export const UNKNOWN_NAMES: readonly RefusedOverride[] = [
  [dispatcher({ imagePullpolicy: 'Always' }), `${DISPATCHER}.imagePullpolicy`, 'Did you mean imagePullPolicy?'],
  [spec({ tempalte: {} }), `${SPEC}.tempalte`, 'Did you mean template?'],
  [spec({ replica: 2 }), `${SPEC}.replica`, 'Did you mean replicas?'],
  [spec({ strategy: { rollingupdate: {} } }), `${SPEC}.strategy.rollingupdate`, 'Did you mean rollingUpdate?'],
  [spec({ containers: [] }), `${SPEC}.containers`, `Did you mean ${POD}.containers?`],
  [deployment({ metadata: { label: { a: 'b' } } }), `${DEPLOYMENT}.metadata.label`, 'Did you mean labels?'],
  [pod({ nodeselector: { a: 'b' } }), `${POD}.nodeselector`, 'Did you mean nodeSelector?'],
  [pod({ serviceAcountName: 'a' }), `${POD}.serviceAcountName`, 'Did you mean serviceAccountName?'],
  [pod({ hostnetwork: true }), `${POD}.hostnetwork`, 'Did you mean hostNetwork?'],
  [pod({ replicas: 2 }), `${POD}.replicas`, `Did you mean ${SPEC}.replicas?`],
  [pod({ image: 'mine' }), `${POD}.image`, `Did you mean ${DISPATCHER}.image?`],
  [pod({ affinity: { nodeAffinty: {} } }), `${POD}.affinity.nodeAffinty`, 'Did you mean nodeAffinity?'],
  [
    pod({ tolerations: [{ operator: 'Exists', effects: 'NoExecute' }] }),
    `${POD}.tolerations[0].effects`,
    'Did you mean effect?',
  ],
  [
    pod({ volumes: [{ name: 'a', configmap: { name: 'a' } }] }),
    `${POD}.volumes[0].configmap`,
    'Did you mean configMap?',
  ],
  [
    pod({ securityContext: { runAsNonroot: true } }),
    `${POD}.securityContext.runAsNonroot`,
    'Did you mean runAsNonRoot?',
  ],
  [dispatcher({ resource: {} }), `${DISPATCHER}.resource`, 'Did you mean resources?'],
  [dispatcher({ resources: { limit: { cpu: 1 } } }), `${DISPATCHER}.resources.limit`, 'Did you mean limits?'],
  [dispatcher({ livenessprobe: {} }), `${DISPATCHER}.livenessprobe`, 'Did you mean livenessProbe?'],
  [dispatcher({ cmd: ['a'] }), `${DISPATCHER}.cmd`, 'Remove it; the fields are args, command'],
  [dispatcher({ lifecycle: { prestop: {} } }), `${DISPATCHER}.lifecycle.prestop`, 'Did you mean preStop?'],
  [variable({ valu: 'hunter2' }), `${DISPATCHER}.env[0].valu`, 'Did you mean value?'],
  [
    variable({ valueFrom: { secretRef: { name: 's', key: 'k' } } }),
    `${DISPATCHER}.env[0].valueFrom.secretRef`,
    'Did you mean secretKeyRef?',
  ],
  [sidecar({ Image: 'x' }), `${POD}.containers[1].Image`, 'Did you mean image?'],
  [dispatcher({ imagePullPolicy: 'always' }), `${DISPATCHER}.imagePullPolicy`, 'Did you mean Always?'],
  [dispatcher({ ports: [{ containerPort: 1, protocol: 'tcp' }] }), `${DISPATCHER}.ports[0].protocol`, 'mean TCP?'],
  [pod({ restartPolicy: 'Allways' }), `${POD}.restartPolicy`, 'Did you mean Always?'],
  [pod({ dnsPolicy: 'Cluster' }), `${POD}.dnsPolicy`, 'Write one of ClusterFirst,'],
  [spec({ strategy: { type: 'Rolling' } }), `${SPEC}.strategy.type`, 'Write one of Recreate, RollingUpdate.'],
];

/** Wrong in every version. */
export const MISTAKES: readonly RefusedOverride[] = [
  // Types.
  [spec({ replicas: '3' }), `${SPEC}.replicas`, 'without quotes'],
  [spec({ replicas: 1.5 }), `${SPEC}.replicas`, 'Write a whole number.'],
  [spec({ minReadySeconds: '10s' }), `${SPEC}.minReadySeconds`, 'Write a whole number.'],
  [
    spec({ strategy: { rollingUpdate: { maxSurge: true } } }),
    `${SPEC}.strategy.rollingUpdate.maxSurge`,
    'whole number',
  ],
  [deployment({ metadata: { labels: { version: 2 } } }), `${DEPLOYMENT}.metadata.labels.version`, 'in quotes'],
  [
    deployment({ metadata: { annotations: { 'a.b/c': true } } }),
    `${DEPLOYMENT}.metadata.annotations["a.b/c"]`,
    'in quotes',
  ],
  [pod({ hostNetwork: 'true' }), `${POD}.hostNetwork`, 'true or false, without quotes'],
  [pod({ nodeSelector: { gpu: true } }), `${POD}.nodeSelector.gpu`, 'in quotes'],
  [pod({ affinity: 'none' }), `${POD}.affinity`, 'Write an object'],
  [pod({ tolerations: { operator: 'Exists' } }), `${POD}.tolerations`, 'Write a list.'],
  [pod({ terminationGracePeriodSeconds: '30s' }), `${POD}.terminationGracePeriodSeconds`, 'Write a whole number.'],
  [pod({ securityContext: { runAsUser: '1000' } }), `${POD}.securityContext.runAsUser`, 'without quotes'],
  [pod({ imagePullSecrets: ['registry'] }), `${POD}.imagePullSecrets[0]`, 'Write an object'],
  [pod({ volumes: [{ name: 'a', emptyDir: 'x' }] }), `${POD}.volumes[0].emptyDir`, 'Write an object'],
  [variable({ value: 1 }), `${DISPATCHER}.env[0].value`, 'in quotes'],
  [variable({ value: true }), `${DISPATCHER}.env[0].value`, 'in quotes'],
  [dispatcher({ image: 5 }), `${DISPATCHER}.image`, 'in quotes'],
  [dispatcher({ args: ['--port', 8080] }), `${DISPATCHER}.args[1]`, 'in quotes'],
  [dispatcher({ command: 'sh' }), `${DISPATCHER}.command`, 'Write a list.'],
  [dispatcher({ resources: [] }), `${DISPATCHER}.resources`, 'Write an object'],
  [dispatcher({ ports: [{ containerPort: '9090' }] }), `${DISPATCHER}.ports[0].containerPort`, 'without quotes'],
  [
    dispatcher({ volumeMounts: [{ name: 'tmp', mountPath: '/x', readOnly: 'yes' }] }),
    `${DISPATCHER}.volumeMounts[0].readOnly`,
    'true or false',
  ],
  // Quantities.
  [dispatcher({ resources: { limits: { memory: '1 Gi' } } }), `${DISPATCHER}.resources.limits.memory`, 'mean 1Gi?'],
  [dispatcher({ resources: { limits: { memory: '2048MB' } } }), `${DISPATCHER}.resources.limits.memory`, 'mean 2048M?'],
  [dispatcher({ resources: { limits: { cpu: 'lots' } } }), `${DISPATCHER}.resources.limits.cpu`, 'Write a number'],
  [dispatcher({ resources: { requests: { cpu: true } } }), `${DISPATCHER}.resources.requests.cpu`, 'Write a number'],
  [
    pod({ volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64mib' } }] }),
    `${POD}.volumes[0].emptyDir.sizeLimit`,
    'Did you mean 64Mi?',
  ],
  // Keys.
  [
    dispatcher({ env: [{ name: 'A', value: 'hunter2' }, { name: 'B' }, { name: 'A', value: 'x' }] }),
    `${DISPATCHER}.env[2]`,
    'Remove one of them.',
  ],
  [
    dispatcher({ ports: [{ containerPort: 1 }, { containerPort: 1, protocol: 'TCP' }] }),
    `${DISPATCHER}.ports[1]`,
    'Remove one of them.',
  ],
  [
    dispatcher({ volumeMounts: ['a', 'a'].map((subPath) => ({ name: 'tmp', mountPath: '/a', subPath })) }),
    `${DISPATCHER}.volumeMounts[1]`,
    'Remove one of them.',
  ],
  [pod({ volumes: [{ name: 'a' }, { name: 'tmp' }, { name: 'a' }] }), `${POD}.volumes[2]`, 'Remove one of them.'],
  [
    pod({ containers: [{}, { name: 's', image: 'a' }, { name: 's', image: 'b' }] }),
    `${POD}.containers[2]`,
    'Remove one of them.',
  ],
  [
    pod({ hostAliases: ['a', 'b'].map((name) => ({ ip: '10.0.0.1', hostnames: [name] })) }),
    `${POD}.hostAliases[1]`,
    'Remove one of them.',
  ],
  [sidecar({ env: [null] }), `${POD}.containers[1].env[0]`, 'Write it, or remove it.'],
  // What must be there.
  [pod({ containers: [{}, { image: 'x' }] }), `${POD}.containers[1].name`, 'Write name.'],
  [dispatcher({ env: [{ value: 'x' }] }), `${DISPATCHER}.env[0].name`, 'Write name.'],
  [dispatcher({ volumeMounts: [{ name: 'tmp' }] }), `${DISPATCHER}.volumeMounts[0].mountPath`, 'Write mountPath.'],
  [dispatcher({ startupProbe: { httpGet: { path: '/' } } }), `${DISPATCHER}.startupProbe.httpGet.port`, 'Write port.'],
  [
    dispatcher({ readinessProbe: { httpGet: { port: null } } }),
    `${DISPATCHER}.readinessProbe.httpGet.port`,
    'Write port.',
  ],
  [
    variable({ valueFrom: { secretKeyRef: { name: 's' } } }),
    `${DISPATCHER}.env[0].valueFrom.secretKeyRef.key`,
    'Write key.',
  ],
  [pod({ volumes: [{ name: 'h', hostPath: {} }] }), `${POD}.volumes[0].hostPath.path`, 'Write path.'],
];

/** Right in names and types, and refused together with what is there without an override. */
export const IMPOSSIBLE: readonly RefusedOverride[] = [
  [dispatcher({ image: null }), `${DISPATCHER}.image`, 'Write the image'],
  [pod({ containers: [{}, { name: 's' }] }), `${POD}.containers[1].image`, 'Write the image'],
  [pod({ containers: [{ name: 'a' }, { name: 'dispatcher' }] }), `${POD}.containers[1].image`, 'to the front'],
  [
    dispatcher({ resources: { requests: { memory: '2Gi' } } }),
    `${DISPATCHER}.resources.requests.memory`,
    'Write limits.memory too.',
  ],
  [
    sidecar({ resources: { limits: { cpu: 1 }, requests: { cpu: 2 } } }),
    `${POD}.containers[1].resources.requests.cpu`,
    'lower',
  ],
  [
    dispatcher({ securityContext: { privileged: true } }),
    `${DISPATCHER}.securityContext.privileged`,
    'Remove privileged',
  ],
  [
    dispatcher({ ports: [{ containerPort: 9090, name: 'probes' }] }),
    `${DISPATCHER}.ports[0].name`,
    'Name it otherwise',
  ],
  [
    dispatcher({ startupProbe: { httpGet: { port: '8080' } } }),
    `${DISPATCHER}.startupProbe.httpGet.port`,
    'Write the number',
  ],
  [dispatcher({ volumeMounts: [{ name: 'no', mountPath: '/x' }] }), `${DISPATCHER}.volumeMounts[0].name`, 'Add it'],
  [sidecar({ volumeMounts: [{ name: 'no', mountPath: '/x' }] }), `${POD}.containers[1].volumeMounts[0].name`, 'Add it'],
];
