/** The sink that POSTs what can't be delivered to the trigger's dead letter, with the reason. */
import type { EnvelopeProfile } from '../../../api/kinds/index.ts';
import type { Trigger } from '../../../api/trigger.ts';
import type { ProxySettings } from '../../../common/proxy.ts';
import { createEnvelope } from '../../envelope.ts';
import { encodeHeaderValue } from '../../header-value.ts';
import { createHttpCaller } from '../http-caller.ts';
import type { DeadLetterSink, Failure } from '../sink.ts';

export interface DeadLetterSinkOptions {
  readonly trigger: Trigger;
  /** Where records go, any http(s) URL. */
  readonly url: string;
  /** That of the trigger's kind by default. */
  readonly profile?: EnvelopeProfile;
  /** PEM certificates to trust in place of those of Node and the system. */
  readonly ca?: readonly string[];
  /** None by default. */
  readonly proxy?: ProxySettings | undefined;
}

/** Throws a TypeError when the URL isn't absolute http(s). */
export function createDeadLetterSink(options: DeadLetterSinkOptions): DeadLetterSink {
  const { trigger, url } = options;
  const who = encodeHeaderValue(`${trigger.namespace}/${trigger.name}`);
  const envelope = createEnvelope(trigger, options.profile, { url, reserved: who.length + FAILURE_BYTES });
  const caller = createHttpCaller({
    url,
    peer: 'The dead letter',
    maxConnections: trigger.delivery.maxInFlight,
    ca: options.ca,
    proxy: options.proxy,
  });
  return {
    async store(record, failure, signal) {
      const headers = envelope(record);
      headers.push('event-dead-letter-trigger', who, ...describe(failure));
      const [outcome] = await caller.post(headers, record.payload, signal);
      return outcome;
    },
    close: () => caller.close(),
  };
}

function describe(failure: Failure): string[] {
  return [
    ...['event-dead-letter-reason', encodeHeaderValue(failure.reason)],
    ...['event-dead-letter-message', encodeMessage(failure.message)],
    ...['event-dead-letter-attempts', String(failure.attempts)],
    ...(failure.status === undefined ? [] : ['event-dead-letter-status', String(failure.status)]),
  ];
}

/** As much of it as fits, in whole characters. */
function encodeMessage(message: string): string {
  let encoded = '';
  for (const character of message) {
    const next = encodeHeaderValue(character);
    if (encoded.length + next.length > MAX_MESSAGE) break;
    encoded += next;
  }
  return encoded;
}

/** Bytes, encoded. */
const MAX_MESSAGE = 1024;
/** Of all five headers: their names, with what surrounds them, and the values of all but the trigger's. */
const FAILURE_BYTES = 256 + MAX_MESSAGE;
