/** The sink that POSTs each record to an HTTP function. */
import type { EnvelopeProfile } from '../../../api/kinds/index.ts';
import type { Trigger } from '../../../api/trigger.ts';
import type { ProxySettings } from '../../../common/proxy.ts';
import { createEnvelope } from '../../envelope.ts';
import type { Outcome } from '../../outcome.ts';
import type { SourceRecord } from '../../sources/source.ts';
import { createHttpCaller } from '../http-caller.ts';
import type { Sink } from '../sink.ts';

export interface FunctionSinkOptions {
  readonly trigger: Trigger;
  /** That of the trigger's kind by default. */
  readonly profile?: EnvelopeProfile;
  /** Milliseconds until a connection is renewed; 30 s by default. */
  readonly maxConnectionAge?: number;
  /** PEM certificates to trust in place of those of Node and the system. */
  readonly ca?: readonly string[];
  /** None by default. */
  readonly proxy?: ProxySettings | undefined;
  /** Called with each attribute of a record that is left out, or cut, for another reason than its size. */
  readonly onSkippedHeader?: (name: string) => void;
}

/** Throws a TypeError when the function's URL isn't absolute http(s). */
export function createFunctionSink(options: FunctionSinkOptions): Sink {
  const { trigger, profile } = options;
  const envelope = createEnvelope(trigger, profile, { onSkipped: options.onSkippedHeader });
  const caller = createHttpCaller({
    url: trigger.function.url,
    peer: 'The function',
    maxConnections: trigger.delivery.maxInFlight,
    maxConnectionAge: options.maxConnectionAge,
    ca: options.ca,
    proxy: options.proxy,
  });

  const sendOne = (record: SourceRecord, signal: AbortSignal) => caller.post(envelope(record), record.payload, signal);

  return {
    send(records, signal) {
      const [record] = records;
      if (record === undefined || records.length > 1) {
        return sendInTurn(records, (each) => sendOne(each, signal));
      }
      return sendOne(record, signal);
    },
    close: () => caller.close(),
  };
}

/** A function takes one record a call: what follows a failure isn't sent, so that nothing overtakes it. */
async function sendInTurn(
  records: readonly SourceRecord[],
  sendOne: (record: SourceRecord) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const record of records) {
    const last = outcomes.at(-1);
    if (last === undefined || last.kind === 'delivered') outcomes.push(...(await sendOne(record)));
    else outcomes.push(last);
  }
  return outcomes;
}
