/** Overrides of the Deployment itself. */
import type { Row, Stored } from './stored.ts';

const ID = 'kubeless.io/trigger-id';
const NOTE = { note: 'ours', 'prometheus.io/scrape': '$remove' };
const strategy = ({ deployment }: Stored) => deployment.spec.strategy;
// What a server keeps as labels is a map of texts.
const labels = ({ metadata }: { metadata: object }) =>
  'labels' in metadata ? (metadata.labels as Record<string, string>) : {};
const oneByOne = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };

export const strategyRows: readonly Row[] = [
  { what: 'nothing', given: {}, look: strategy, is: { type: 'Recreate' } },
  { what: 'two replicas', given: { spec: { scaling: { replicas: 2 } } }, look: strategy, is: oneByOne },
  {
    what: 'an update for one replica',
    given: { deployment: { spec: { strategy: { type: 'RollingUpdate' } } } },
    look: strategy,
    is: oneByOne,
  },
  {
    what: 'an update without a gap',
    given: { deployment: { spec: { strategy: { rollingUpdate: { maxUnavailable: 0 } } } } },
    look: strategy,
    is: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  },
  {
    what: 'new pods instead of an update for three',
    given: { deployment: { spec: { replicas: 3, strategy: { type: 'Recreate' } } } },
    look: strategy,
    is: { type: 'Recreate' },
  },
  {
    what: 'the number of replicas, where the trigger has one too',
    given: { spec: { scaling: { replicas: 2 } }, deployment: { spec: { replicas: 4 } } },
    look: ({ deployment }) => deployment.spec.replicas,
    is: 4,
  },
  {
    what: 'no replicas at all',
    given: { deployment: { spec: { replicas: 0 } } },
    look: ({ deployment }) => deployment.spec.replicas,
    is: 0,
  },
  {
    what: 'how a rollout goes',
    given: {
      deployment: { spec: { minReadySeconds: 5, progressDeadlineSeconds: 90, revisionHistoryLimit: 0, paused: true } },
    },
    look: ({ deployment: { spec } }) => [spec.minReadySeconds, spec.progressDeadlineSeconds, spec.revisionHistoryLimit],
    is: [5, 90, 0],
  },
];

const mine = { [ID]: 'mine', 'app.kubernetes.io/name': 'mine', team: 'money' };

export const metadataRows: readonly Row[] = [
  {
    what: 'labels, but not that of the selector',
    given: {
      deployment: {
        metadata: { labels: mine },
        spec: { selector: { matchLabels: mine }, template: { metadata: { labels: mine } } },
      },
    },
    look: ({ deployment, template }) => [
      [labels(deployment), labels(template)].map(({ team, 'app.kubernetes.io/name': name }) => [team, name]),
      Object.keys(deployment.spec.selector.matchLabels),
      [deployment.spec.selector.matchLabels, labels(deployment), labels(template)].some((map) => map[ID] === 'mine'),
    ],
    is: [
      [
        ['money', 'mine'],
        ['money', 'mine'],
      ],
      [ID],
      false,
    ],
  },
  {
    what: 'annotations, and one of ours removed',
    given: { deployment: { metadata: { annotations: NOTE }, spec: { template: { metadata: { annotations: NOTE } } } } },
    look: ({ template }) => Object.keys(template.metadata.annotations).sort(),
    is: ['kubeless.io/trigger', 'note', 'prometheus.io/path', 'prometheus.io/port'],
  },
  {
    what: 'what `kubectl create deployment --dry-run` prints',
    given: {
      deployment: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'mine', creationTimestamp: null },
        spec: { template: { metadata: { creationTimestamp: null }, spec: { restartPolicy: 'Always' } } },
        status: { replicas: 1 },
      },
    },
    look: ({ deployment, pod }) => [deployment.metadata.name.endsWith('-pulsar'), pod.restartPolicy],
    is: [true, 'Always'],
  },
];
