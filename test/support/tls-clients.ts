/** Everything of a dispatcher that connects over TLS, each making one connection to a server of a test. */
import type { PulsarSourceSpec, Trigger } from '../../api/trigger.ts';
import { createLogger } from '../../common/logger.ts';
import { createDeadLetterSink } from '../../dispatcher/sinks/dead-letter/dead-letter-sink.ts';
import { createFunctionSink } from '../../dispatcher/sinks/function/function-sink.ts';
import { createCredentials } from '../../dispatcher/sources/pulsar/credentials.ts';
import { createLagReporter } from '../../dispatcher/sources/pulsar/lag.ts';
import { createWebSocketSource } from '../../dispatcher/sources/pulsar/websocket-source.ts';
import { aRecord, aTrigger } from './records.ts';

/**
 * `ok`, or why not. `host` has its port; `ca` is PEM, and absent where the default is to be tried. `plain` leaves TLS out of
 * the URL.
 */
export type TlsClient = (host: string, ca?: string, plain?: 'plain') => Promise<string>;

export const TLS_CLIENTS: Readonly<Record<'function' | 'dead letter' | 'broker' | 'web service', TlsClient>> = {
  async function(host, ca, plain) {
    const trigger = aTrigger(`${plain ? 'http' : 'https'}://${host}/`);
    const sink = createFunctionSink({ trigger, ...(ca !== undefined && { ca: [ca] }) });
    const [outcome] = await sink.send([aRecord()], signal());
    await sink.close();
    return outcome?.kind === 'delivered' ? 'ok' : JSON.stringify(outcome);
  },
  async 'dead letter'(host, ca, plain) {
    const url = `${plain ? 'http' : 'https'}://${host}/`;
    const sink = createDeadLetterSink({ trigger: aTrigger(url), url, ...(ca !== undefined && { ca: [ca] }) });
    const outcome = await sink.store(aRecord(), { reason: 'r', message: 'm', attempts: 1 }, signal());
    await sink.close();
    return outcome.kind === 'delivered' ? 'ok' : JSON.stringify(outcome);
  },
  async broker(host, ca, plain) {
    const source = pulsar(`${plain ? 'ws' : 'wss'}://${host}`, ca);
    // Of a trigger the driver looks at these two only.
    const trigger = { source, delivery: { maxInFlight: 32, buffer: { records: 100 } } } as Trigger;
    const reader = createWebSocketSource({
      trigger,
      credentials: credentials(source, ca),
      logger: createLogger('silent'),
    });
    const state = Promise.withResolvers<string>();
    const events = {
      revoked: async () => {},
      lost: () => {},
      state: (connected: boolean, why = '') => state.resolve(connected ? 'ok' : why),
    };
    reader.connect(events, signal()).catch(() => {});
    const first = await state.promise;
    await reader.close();
    return first;
  },
  async 'web service'(host, ca, plain) {
    const source = pulsar(`${plain ? 'ws' : 'wss'}://${host}`, ca);
    try {
      await createLagReporter({ source, credentials: credentials(source, ca), consumerName: 'c' }).lag(signal());
      return 'ok';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
};

function pulsar(broker: string, ca: string | undefined): PulsarSourceSpec {
  return {
    type: 'pulsar',
    topics: ['t'],
    broker,
    subscription: { name: 's', type: 'Failover', initialPosition: 'latest' },
    tls: {
      allowInsecure: false,
      verifyHostname: true,
      ...(ca !== undefined && { caSecret: { name: 'ca', key: 'ca.crt' } }),
    },
  };
}

function credentials(source: PulsarSourceSpec, ca = '') {
  return createCredentials(source, { read: () => ca, path: () => '' });
}

function signal(): AbortSignal {
  return AbortSignal.timeout(20_000);
}
