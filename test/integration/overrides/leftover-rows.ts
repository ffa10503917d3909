/** Overrides of every field that has an alias, or that an API server completes. */
import type { Overridden } from '../../support/rendered.ts';

const HTTP = { httpGet: { port: 8080 } };
const sidecar = (fields: object = {}) => ({ pod: { containers: [{}, { name: 'side', image: 'side:1', ...fields }] } });
const volume = (source: object): Overridden => ({ pod: { volumes: [{ name: 'extra', ...source }] } });
const variable = (valueFrom: object): Overridden => ({ dispatcher: { env: [{ name: 'EXTRA', valueFrom }] } });
const deployment = (spec: object): Overridden => ({ deployment: { spec } });
const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const term = { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } };
const appArmor = (profile: string) => {
  const annotations = { 'container.apparmor.security.beta.kubernetes.io/dispatcher': profile };
  return deployment({ template: { metadata: { annotations } } });
};
const ownImage = { dispatcher: { image: 'registry.example/mine:latest' } };

export const leftoverRows: Readonly<Record<string, Overridden>> = {
  serviceAccountName: { pod: { serviceAccountName: 'privileged' } },
  serviceAccount: { pod: { serviceAccount: 'privileged' } },
  'both names of a ServiceAccount': { pod: { serviceAccountName: 'privileged', serviceAccount: 'other' } },
  'serviceAccountName, removed in words': { pod: { serviceAccountName: '$remove', serviceAccount: '$remove' } },
  'serviceAccountName, of an image of one’s own': { pod: { serviceAccountName: 'privileged' }, ...ownImage },
  automountServiceAccountToken: { pod: { automountServiceAccountToken: true } },
  enableServiceLinks: { pod: { enableServiceLinks: true } },
  hostNetwork: { pod: { hostNetwork: true } },
  'hostNetwork, with a port of its own': {
    pod: { hostNetwork: true },
    dispatcher: { ports: [{ containerPort: 9000 }] },
  },
  'hostPID and hostIPC': { pod: { hostPID: true, hostIPC: true } },
  hostUsers: { pod: { hostUsers: false } },
  shareProcessNamespace: { pod: { shareProcessNamespace: true } },
  'securityContext of the pod': { pod: { securityContext: { fsGroup: 5, supplementalGroups: [6] } } },
  'securityContext of the pod, removed': { pod: { securityContext: '$remove' } },
  fsGroupChangePolicy: { pod: { securityContext: { fsGroup: 5, fsGroupChangePolicy: 'OnRootMismatch' } } },
  'appArmorProfile of the pod': { pod: { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } } },
  'appArmorProfile of the container': { dispatcher: { securityContext: { appArmorProfile: { type: 'Unconfined' } } } },
  'the annotation for AppArmor': appArmor('unconfined'),
  'the annotation for AppArmor, of another profile': appArmor('localhost/mine'),
  'securityContext of the container': {
    dispatcher: { securityContext: { privileged: true, allowPrivilegeEscalation: true, runAsUser: 7 } },
  },
  terminationGracePeriodSeconds: { pod: { terminationGracePeriodSeconds: 7 } },
  'terminationGracePeriodSeconds, removed': { pod: { terminationGracePeriodSeconds: '$remove' } },
  dnsPolicy: { pod: { dnsPolicy: 'Default' } },
  dnsConfig: { pod: { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.0.0.1'] } } },
  schedulerName: { pod: { schedulerName: 'mine' } },
  priorityClassName: { pod: { priorityClassName: 'system-node-critical', preemptionPolicy: 'Never' } },
  runtimeClassName: { pod: { runtimeClassName: 'gvisor' } },
  nodeName: { pod: { nodeName: 'nowhere' } },
  'the name of the host': { pod: { setHostnameAsFQDN: true, hostname: 'h', subdomain: 's' } },
  nodeSelector: { pod: { nodeSelector: { disk: 'ssd' } } },
  tolerations: {
    pod: { tolerations: [{ key: 'gpu', operator: 'Exists', tolerationSeconds: 5, effect: 'NoExecute' }] },
  },
  topologySpreadConstraints: { pod: { topologySpreadConstraints: [{ ...spread, labelSelector: {} }] } },
  affinity: { pod: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } } },
  hostAliases: { pod: { hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }] } },
  imagePullSecrets: { pod: { imagePullSecrets: [{ name: 'registry' }] } },
  readinessGates: { pod: { readinessGates: [{ conditionType: 'example.com/gate' }] } },
  'volumes, no source': volume({}),
  'volumes, configMap': volume({ configMap: { name: 'c' } }),
  'volumes, secret': volume({ secret: { secretName: 's', optional: true } }),
  'volumes, projected': volume({
    projected: { sources: [{ serviceAccountToken: { path: 't' } }, { downwardAPI: { items: [] } }] },
  }),
  'volumes, downwardAPI': volume({
    downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] },
  }),
  'volumes, hostPath': volume({ hostPath: { path: '/var/log' } }),
  'volumes, ephemeral': volume({ ephemeral: { volumeClaimTemplate: { spec: claim } } }),
  'volumes, iscsi': volume({ iscsi: { targetPortal: '10.0.0.1', iqn: 'iqn.2001-04.example:a', lun: 0 } }),
  'volumes, rbd': volume({ rbd: { monitors: ['10.0.0.1'], image: 'i' } }),
  'volumes, azureDisk': volume({ azureDisk: { diskName: 'd', diskURI: 'https://d' } }),
  'volumes, scaleIO': volume({
    scaleIO: { gateway: 'g', system: 's', secretRef: { name: 's' }, volumeName: 'v' },
  }),
  'the source of our volume': { pod: { volumes: [{ name: 'tmp', configMap: { name: 'c' } }] } },
  volumeMounts: {
    ...volume({ emptyDir: {} }),
    dispatcher: { volumeMounts: [{ name: 'extra', mountPath: '/extra', readOnly: true }] },
  },
  'env, fieldRef': variable({ fieldRef: { fieldPath: 'metadata.name' } }),
  'env, resourceFieldRef': variable({ resourceFieldRef: { resource: 'limits.cpu' } }),
  'env, secretKeyRef': variable({ secretKeyRef: { name: 's', key: 'k' } }),
  'env, ours from a field': {
    dispatcher: { env: [{ name: 'TZ', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
  },
  envFrom: { dispatcher: { envFrom: [{ secretRef: { name: 's' } }] } },
  'ports, without a protocol': { dispatcher: { ports: [{ containerPort: 9000 }] } },
  'ports, of another protocol': { dispatcher: { ports: [{ containerPort: 8080, protocol: 'UDP' }] } },
  'ports, hostPort': { dispatcher: { ports: [{ containerPort: 8080, hostPort: 8080 }] } },
  'resources, limits alone': { dispatcher: { resources: { requests: '$remove', limits: { memory: '2Gi' } } } },
  'resources, another kind': { dispatcher: { resources: { limits: { 'example.com/gpu': '1' } } } },
  'resources of the pod': { pod: { resources: { limits: { cpu: '4', memory: '4Gi' } } } },
  startupProbe: { dispatcher: { startupProbe: HTTP } },
  'startupProbe, grpc': { dispatcher: { startupProbe: { grpc: { port: 8080 } } } },
  'livenessProbe, of another handler': { dispatcher: { livenessProbe: { tcpSocket: { port: 8080 } } } },
  'livenessProbe, numbers': { dispatcher: { livenessProbe: { initialDelaySeconds: 9, successThreshold: 1 } } },
  'livenessProbe, removed': { dispatcher: { livenessProbe: '$remove' } },
  'readinessProbe, numbers removed': {
    dispatcher: { readinessProbe: { periodSeconds: '$remove', timeoutSeconds: null, failureThreshold: null } },
  },
  lifecycle: { dispatcher: { lifecycle: { preStop: { httpGet: { port: 8080 } }, stopSignal: 'SIGINT' } } },
  'lifecycle, of another handler': { dispatcher: { lifecycle: { preStop: { exec: { command: ['true'] } } } } },
  imagePullPolicy: { dispatcher: { imagePullPolicy: 'Always' } },
  'imagePullPolicy, removed': { dispatcher: { imagePullPolicy: '$remove' } },
  'imagePullPolicy, removed, with the latest image': {
    dispatcher: { imagePullPolicy: '$remove', image: 'kubeless-triggers-dispatcher:latest' },
  },
  terminationMessagePath: {
    dispatcher: { terminationMessagePath: '/tmp/x', terminationMessagePolicy: 'FallbackToLogsOnError' },
  },
  'stdin and tty': { dispatcher: { stdin: true, stdinOnce: true, tty: true } },
  workingDir: { dispatcher: { workingDir: '/tmp', command: ['a'], args: ['b'] } },
  resizePolicy: { dispatcher: { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] } },
  'the name of the container': { dispatcher: { name: 'mine' } },
  'an image of one’s own': ownImage,
  'a sidecar': sidecar({ ports: [{ containerPort: 9000 }], livenessProbe: HTTP }),
  'a sidecar of the latest image': sidecar({ image: 'side:latest' }),
  'a sidecar of another image': sidecar({ image: 'side:2' }),
  initContainers: {
    pod: { initContainers: [{ name: 'first', image: 'first', startupProbe: HTTP, restartPolicy: 'Always' }] },
  },
  'initContainers, of another image': { pod: { initContainers: [{ name: 'first', image: 'first:2' }] } },
  replicas: deployment({ replicas: 2 }),
  'strategy, Recreate': deployment({ replicas: 2, strategy: { type: 'Recreate' } }),
  'strategy, RollingUpdate': deployment({ strategy: { type: 'RollingUpdate' } }),
  'strategy, without a gap': deployment({ strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '50%' } } }),
  'how a rollout goes': deployment({ minReadySeconds: 4, progressDeadlineSeconds: 90, revisionHistoryLimit: 0 }),
  'revisionHistoryLimit, removed': deployment({ revisionHistoryLimit: '$remove' }),
  paused: deployment({ paused: true }),
  'labels and annotations of pods': deployment({
    template: { metadata: { labels: { a: 'b' }, annotations: { c: 'd', 'prometheus.io/scrape': '$remove' } } },
  }),
};
