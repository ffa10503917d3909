/** The parts of a spec that are the same in every kind, and the status. Defaults are applied in `defaults.ts`. */
import Type, { type Static } from 'typebox';
import { anyObject, duration, quantity, text, url } from './schema.ts';

const HTTP = ['http', 'https'];

const retry = Type.Object(
  {
    policy: Type.Optional(
      Type.Enum(['exponential', 'linear'], {
        description: 'How the delay grows: doubled at each attempt, or by `step`. Default: exponential.',
      }),
    ),
    initialDelay: Type.Optional(
      duration('1ms', '1h', 'Before the second attempt. Default: 100ms, or maxDelay where that is less.'),
    ),
    maxDelay: Type.Optional(
      duration('1ms', '24h', 'The longest delay. Default: 90s, or initialDelay where that is more.'),
    ),
    step: Type.Optional(duration('0s', '1h', 'What the linear policy adds at each attempt. Default: 5s.')),
    jitter: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'The share of a delay that is random. Default: 0.2.' }),
    ),
    maxAttempts: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description:
          'Attempts in all; then the record goes to the dead letter, or is dropped without one. Default: no limit.',
      }),
    ),
    maxAge: Type.Optional(
      duration('1ms', '8760h', 'Since the first attempt; then as with maxAttempts. Default: no limit.'),
    ),
  },
  { description: 'What happens to a record that the function did not take.' },
);

export const delivery = Type.Object(
  {
    order: Type.Optional(
      Type.Enum(['key', 'partition', 'none'], {
        description:
          'Records of one key, or of one partition, are delivered one after the other; none: no order. Default: key.',
      }),
    ),
    maxInFlight: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1024, description: 'Calls that run at once, per replica. Default: 32.' }),
    ),
    buffer: Type.Optional(
      Type.Object(
        {
          records: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_000_000,
              description:
                'Records in hand, waiting ones included; a limit of the broker on unacknowledged records counts where ' +
                'it is less. Default: 40000.',
            }),
          ),
          bytes: Type.Optional(quantity('Their payloads and attributes. Default: 64Mi.')),
        },
        { description: 'How much one replica holds.' },
      ),
    ),
    timeout: Type.Optional(duration('10ms', '24h', 'How long one call may take. Default: 180s.')),
    retry: Type.Optional(retry),
    deadLetter: Type.Optional(
      Type.Object(
        { url: url(HTTP, 'Records that cannot be delivered are sent there, with the reason in headers.') },
        { description: 'Where records go that the function rejects or whose attempts are used up. Default: none.' },
      ),
    ),
  },
  { description: 'How records reach the function.' },
);

const filters = Type.Array(anyObject('One of exact, prefix, suffix, all, any, not, cel.'), {
  maxItems: 100,
  description:
    'Only records that pass all of these are delivered; the others are acknowledged. Dialects of the CloudEvents ' +
    'Subscriptions API, and cel; at most 5 deep and 100 in all. Default: everything passes.',
});

const scaling = Type.Object(
  {
    replicas: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1000, description: 'Dispatchers that share the work. Default: 1.' }),
    ),
  },
  { description: 'How many dispatchers there are.' },
);

const paused = Type.Boolean({
  description: 'Stop consuming and keep the position. Default: false.',
});

const kubeless = Type.Object(
  {
    function: url(HTTP, 'The URL that each record is sent to by POST, used as it is written.'),
    contentType: Type.Optional(
      Type.String({
        maxLength: 256,
        pattern: '^[!-.0-~]+/[ -~]*[!-~]$',
        description: 'The Content-Type of every call. Default: told from the payload.',
      }),
    ),
  },
  { description: 'The function.' },
);

const deployment = anyObject(
  'Any part of a Deployment, merged over the one that is made for the trigger. Default: nothing.',
);

/** What every spec has beside its source. */
export const shared = {
  kubeless,
  delivery: Type.Optional(delivery),
  filters: Type.Optional(filters),
  scaling: Type.Optional(scaling),
  paused: Type.Optional(paused),
  deployment: Type.Optional(deployment),
};

const sharedSpec = Type.Object(shared);
export type SharedSpec = Static<typeof sharedSpec>;
export type DeliveryBlock = Static<typeof delivery>;

const condition = Type.Object({
  type: text(316, 'Ready, SourceConnected, FunctionResolved, Paused, ….'),
  status: Type.Enum(['True', 'False', 'Unknown'], { description: 'Whether it holds.' }),
  reason: Type.Optional(Type.String({ maxLength: 1024, description: 'One word, CamelCase.' })),
  message: Type.Optional(Type.String({ maxLength: 32_768, description: 'One sentence.' })),
  lastTransitionTime: Type.Optional(Type.String({ maxLength: 64, description: 'When status changed last.' })),
  observedGeneration: Type.Optional(Type.Integer({ description: 'The generation that it speaks of.' })),
});

export const status = Type.Object(
  {
    observedGeneration: Type.Optional(Type.Integer({ description: 'The generation that this status speaks of.' })),
    conditions: Type.Optional(
      Type.Array(condition, {
        maxItems: 16,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
        description: 'What holds of the trigger.',
      }),
    ),
    source: Type.Optional(Type.String({ maxLength: 4096, description: 'What is consumed, in short.' })),
    subscription: Type.Optional(Type.String({ maxLength: 4096, description: 'The name that it is consumed by.' })),
    broker: Type.Optional(Type.String({ maxLength: 4096, description: 'Where it is, without credentials.' })),
    function: Type.Optional(Type.String({ maxLength: 4096, description: 'Where records go, without credentials.' })),
    replicas: Type.Optional(Type.Integer({ description: 'Dispatchers that are ready.' })),
    lag: Type.Optional(Type.Integer({ description: 'Records behind; absent when unknown.' })),
    retrying: Type.Optional(Type.Integer({ description: 'Keys whose first record waits for another attempt.' })),
    deadLettered: Type.Optional(Type.Integer({ description: 'Records that went to the dead letter.' })),
  },
  { description: 'What became of the trigger; written by the controller alone.' },
);
