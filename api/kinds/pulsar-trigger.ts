/** PulsarTrigger: the records of Pulsar topics. */
import Type, { type Static } from 'typebox';
import { Secret } from '../../common/secret.ts';
import { shared } from '../blocks.ts';
import { objectName, secretKey, text, url } from '../schema.ts';
import { show } from '../show.ts';
import type { Problem, PulsarSourceSpec } from '../trigger.ts';
import { normalUrl } from '../url.ts';
import type { EnvelopeProfile, Identity, Kind, Rule } from './kind.ts';
import {
  isSubscriptionName,
  isToken,
  isTopicName,
  parseTopicName,
  subscriptionNameCel,
  TOPIC_FORMS,
  tokenCel,
  topicNameCel,
} from './pulsar-names.ts';

const envelope: EnvelopeProfile = {
  eventNamespace: 'trigger',
  eventName: true,
  eventTime: 'python',
  json: 'any',
  attributePrefix: 'pulsar-property-',
  ceType: 'io.kubeless.pulsar.message',
};

const TOPIC = 4096;

const subscription = Type.Object(
  {
    name: Type.Optional(text(TOPIC, 'Its name, which the position is kept under. Default: `{trigger}-{namespace}`.')),
    type: Type.Optional(
      Type.Enum(['Exclusive', 'Failover', 'Shared', 'Key_Shared'], {
        description:
          'How consumers share the topics; Key_Shared needs producers that batch by key or not at all. ' +
          'Default: Failover, or Shared with delivery.order none.',
      }),
    ),
    initialPosition: Type.Optional(
      Type.Enum(['latest', 'earliest'], { description: 'Where a new subscription begins. Default: latest.' }),
    ),
  },
  { description: 'How the topics are consumed.' },
);

const tls = Type.Object(
  {
    caSecret: Type.Optional(secretKey("The certificates that the broker's is checked against. Default: the system's.")),
    certSecret: Type.Optional(
      Type.Object(
        { name: objectName("The Secret's name, in the trigger's namespace.") },
        { description: 'A Secret with `tls.crt` and `tls.key`, to log in with. Default: none.' },
      ),
    ),
    allowInsecure: Type.Optional(Type.Boolean({ description: 'Take any certificate. Default: false.' })),
    verifyHostname: Type.Optional(
      Type.Boolean({ description: "Check that the certificate is of the broker's host. Default: true." }),
    ),
  },
  { description: 'For `pulsar+ssl://` and `wss://`.' },
);

const spec = Type.Object(
  {
    pulsar: Type.Object(
      {
        topic: Type.Optional(text(TOPIC, 'A full name (`persistent://public/default/orders`) or a short one.')),
        topics: Type.Optional(
          Type.Array(text(TOPIC, 'As topic.'), {
            minItems: 1,
            maxItems: 100,
            'x-kubernetes-list-type': 'set',
            description: 'Several, instead of topic.',
          }),
        ),
        broker: url(
          ['pulsar', 'pulsar+ssl', 'ws', 'wss', 'http', 'https'],
          'Where Pulsar is: `pulsar://host:6650`, or `ws://host:8080` for its WebSocket API.',
        ),
        'auth-token': Type.Optional(
          Type.String({
            maxLength: 65_536,
            description: 'A token in the clear; better: authTokenSecret. Default: none.',
          }),
        ),
        authTokenSecret: Type.Optional(secretKey('Where the token is. Default: none.')),
        webServiceUrl: Type.Optional(
          url(['http', 'https'], "The admin REST API, which knows the lag. Default: a ws(s) broker's own address."),
        ),
        subscription: Type.Optional(subscription),
        tls: Type.Optional(tls),
      },
      { description: 'The source.' },
    ),
    ...shared,
  },
  { description: 'What is consumed, and where it is delivered.' },
);

type PulsarTriggerSpec = Static<typeof spec>;

const SUBSCRIPTION_NAME = 'has(self.pulsar.subscription) && has(self.pulsar.subscription.name)';
const SUBSCRIPTION_TYPE = 'has(self.pulsar.subscription) && has(self.pulsar.subscription.type)';
const ORDER = 'has(self.delivery) && has(self.delivery.order)';

const topicRule = {
  message: `a topic is ${TOPIC_FORMS}`,
  cure:
    "Write its name; the tenant's and the namespace's have letters, digits and -=:._ only, and no part is blank or has dots alone. " +
    "Patterns aren't supported: list the topics in topics.",
};

const rules: readonly Rule<PulsarTriggerSpec>[] = [
  {
    ...topicRule,
    reads: ['pulsar.topic'],
    path: 'pulsar.topic',
    cel: `!has(self.pulsar.topic) || (${topicNameCel('self.pulsar.topic')})`,
    broken: ({ pulsar: { topic } }) =>
      topic === undefined || isTopicName(topic) ? undefined : `it is ${show(topic, 'topic')}`,
  },
  {
    ...topicRule,
    reads: ['pulsar.topics'],
    path: 'pulsar.topics',
    cel: `!has(self.pulsar.topics) || self.pulsar.topics.all(topic, ${topicNameCel('topic')})`,
    broken: ({ pulsar: { topics = [] } }) => {
      const wrong = topics.find((topic) => !isTopicName(topic));
      return wrong === undefined ? undefined : `one is ${show(wrong, 'topics')}`;
    },
  },
  {
    reads: ['pulsar.subscription.name'],
    path: 'pulsar.subscription.name',
    cel: `!(${SUBSCRIPTION_NAME}) || (${subscriptionNameCel('self.pulsar.subscription.name')})`,
    message: 'the name of a subscription is neither blank nor . or .., and has no NUL in it',
    cure: 'Write another name, or leave it out.',
    broken: ({ pulsar: { subscription } }) => {
      const name = subscription?.name;
      return name === undefined || isSubscriptionName(name) ? undefined : `it is ${show(name, 'name')}`;
    },
  },
  {
    reads: ['pulsar.auth-token'],
    path: 'pulsar.auth-token',
    cel: `!has(self.pulsar.auth__dash__token) || ${tokenCel('self.pulsar.auth__dash__token')}`,
    message: 'a token is one word of printable ASCII',
    cure: 'Write the token alone, without line breaks or spaces in it.',
    broken: ({ pulsar }) => {
      const token = pulsar['auth-token'];
      return token === undefined || isToken(token) ? undefined : 'this one has other characters in it';
    },
  },
  {
    reads: ['pulsar.topic', 'pulsar.topics'],
    path: 'pulsar',
    cel: 'has(self.pulsar.topic) != has(self.pulsar.topics)',
    message: 'exactly one of topic and topics is needed',
    cure: 'Keep topic for one topic, or topics for a list of them.',
    broken: ({ pulsar }) => {
      if (pulsar.topic === undefined) return pulsar.topics === undefined ? 'there is neither' : undefined;
      return pulsar.topics === undefined
        ? undefined
        : `there are both: topic ${JSON.stringify(pulsar.topic)} and topics`;
    },
  },
  {
    reads: ['pulsar.auth-token', 'pulsar.authTokenSecret'],
    path: 'pulsar.authTokenSecret',
    cel: '!(has(self.pulsar.auth__dash__token) && has(self.pulsar.authTokenSecret))',
    message: 'auth-token and authTokenSecret exclude each other',
    cure: 'Remove auth-token and keep the Secret.',
    broken: ({ pulsar }) => {
      if (pulsar['auth-token'] === undefined || pulsar.authTokenSecret === undefined) return undefined;
      return `the Secret is ${JSON.stringify(pulsar.authTokenSecret.name)}`;
    },
  },
  {
    reads: ['pulsar.subscription.type', 'delivery.order'],
    path: 'pulsar.subscription.type',
    cel: `!(${SUBSCRIPTION_TYPE} && self.pulsar.subscription.type == 'Shared') || (${ORDER} && self.delivery.order == 'none')`,
    message: 'a Shared subscription has no order',
    cure: 'Set delivery.order to none, or subscription.type to Key_Shared or Failover.',
    broken: ({ pulsar, delivery }) => {
      const order = delivery?.order ?? 'key';
      return pulsar.subscription?.type === 'Shared' && order !== 'none' ? `delivery.order is ${order}` : undefined;
    },
  },
  {
    reads: ['pulsar.subscription.type', 'delivery.order'],
    path: 'pulsar.subscription.type',
    cel: `!(${SUBSCRIPTION_TYPE} && self.pulsar.subscription.type == 'Key_Shared' && ${ORDER} && self.delivery.order == 'partition')`,
    message: 'a Key_Shared subscription keeps the order of each key, not that of a partition',
    cure: 'Set delivery.order to key, or subscription.type to Failover.',
    broken: ({ pulsar, delivery }) =>
      pulsar.subscription?.type === 'Key_Shared' && delivery?.order === 'partition'
        ? 'delivery.order is partition'
        : undefined,
  },
  {
    reads: ['pulsar.subscription.type', 'scaling.replicas'],
    path: 'scaling.replicas',
    cel: `!(${SUBSCRIPTION_TYPE} && self.pulsar.subscription.type == 'Exclusive' && has(self.scaling) && has(self.scaling.replicas) && self.scaling.replicas > 1)`,
    message: 'an Exclusive subscription has one consumer',
    cure: 'Set scaling.replicas to 1, or subscription.type to Failover or Key_Shared.',
    broken: ({ pulsar, scaling }) => {
      const replicas = scaling?.replicas ?? 1;
      return pulsar.subscription?.type === 'Exclusive' && replicas > 1 ? `scaling.replicas is ${replicas}` : undefined;
    },
  },
];

function parseSource({ pulsar, delivery }: PulsarTriggerSpec, { name, namespace }: Identity): PulsarSourceSpec {
  const token = pulsar['auth-token']?.trim();
  const { caSecret, certSecret, allowInsecure = false, verifyHostname = true } = pulsar.tls ?? {};
  return {
    type: 'pulsar',
    topics: pulsar.topics ?? (pulsar.topic === undefined ? [] : [pulsar.topic]),
    broker: normalUrl(pulsar.broker),
    ...(pulsar.webServiceUrl !== undefined && { webServiceUrl: normalUrl(pulsar.webServiceUrl) }),
    subscription: {
      name: pulsar.subscription?.name ?? `${name}-${namespace}`,
      type: pulsar.subscription?.type ?? (delivery?.order === 'none' ? 'Shared' : 'Failover'),
      initialPosition: pulsar.subscription?.initialPosition ?? 'latest',
    },
    // An empty token has always meant none.
    ...(token !== undefined && token !== '' && { authToken: new Secret(token) }),
    ...(pulsar.authTokenSecret !== undefined && { authTokenSecret: pulsar.authTokenSecret }),
    tls: {
      ...(caSecret !== undefined && { caSecret }),
      ...(certSecret !== undefined && { certSecret }),
      allowInsecure,
      verifyHostname,
    },
  };
}

/** Whether a topic's name has what patterns have and names hardly ever do; the broker takes it for a name all the same. */
export function looksLikePattern(topic: string): boolean {
  return /[*?[\](){}|^$\\]|\.\+/.test(topic);
}

function warnings({ topics }: PulsarSourceSpec): readonly Problem[] {
  const names = topics.map((topic) => parseTopicName(topic).full);
  const again = names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const message = `is ${JSON.stringify(topics[index])}, which is topics[${first}] in another spelling`;
    return [{ path: `spec.pulsar.topics[${index}]`, message, cure: 'Remove one of them; it is consumed once.' }];
  });
  const patterns = topics.flatMap((topic, index) => {
    if (!looksLikePattern(topic)) return [];
    const path = topics.length === 1 ? 'spec.pulsar.topic' : `spec.pulsar.topics[${index}]`;
    const message = `is ${JSON.stringify(topic)}, which looks like a pattern and is taken as the name of one topic`;
    return [{ path, message, cure: "Patterns aren't supported: list the topics in topics." }];
  });
  return [...patterns, ...again];
}

export const pulsarTrigger: Kind<typeof spec> = {
  kind: 'PulsarTrigger',
  plural: 'pulsartriggers',
  singular: 'pulsartrigger',
  apiVersion: 'kubeless.io/v1',
  spec,
  rules,
  columns: [{ name: 'Broker', path: '.status.broker', type: 'string', wide: true }],
  envelope,
  parseSource,
  warnings,
};
