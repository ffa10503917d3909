/** TLS settings of a trigger, against a server with a certificate that no authority signed. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { WebSocketServer } from 'ws';
import type { PulsarSourceSpec, Trigger } from '../../../../../api/trigger.ts';
import { createLogger } from '../../../../../common/logger.ts';
import { createCredentials } from '../../../../../dispatcher/sources/pulsar/credentials.ts';
import { createWebSocketSource } from '../../../../../dispatcher/sources/pulsar/websocket-source.ts';
import { type Certificate, createCertificate } from '../../../../support/certificate.ts';

describe('Pulsar over wss://', () => {
  let server: Server;
  let certificate: Certificate;

  before(async () => {
    certificate = createCertificate();
    server = createServer(certificate);
    new WebSocketServer({ server });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    server.close();
  });

  /** The first state: `connected`, or why not. */
  async function stateOf(tls: Partial<PulsarSourceSpec['tls']>, host = '127.0.0.1'): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const spec: PulsarSourceSpec = {
      type: 'pulsar',
      topics: ['t'],
      broker: `wss://${host}:${port}`,
      subscription: { name: 's', type: 'Failover', initialPosition: 'latest' },
      tls: { allowInsecure: false, verifyHostname: true, ...tls },
    };
    // Of a trigger the driver looks at these two only.
    const trigger = {
      source: spec,
      delivery: { maxInFlight: 32, buffer: { records: 100, bytes: 2 ** 26 } },
    } as Trigger;
    const secrets = { read: () => certificate.cert, path: () => expect.fail('no path') };
    const credentials = createCredentials(spec, secrets);
    const source = createWebSocketSource({ trigger, credentials, logger: createLogger('silent') });
    const state = Promise.withResolvers<string>();
    const events = {
      revoked: async () => {},
      lost: () => {},
      state: (connected: boolean, why = '') => state.resolve(connected ? 'connected' : why),
    };
    source.connect(events, AbortSignal.timeout(5000)).catch(() => {});
    const first = await state.promise;
    await source.close();
    return first;
  }

  const caSecret = { name: 'ca', key: 'ca.crt' };

  it('trusts nobody unless told to', async () => {
    expect(await stateOf({}))
      .to.include("isn't signed by a known authority")
      .and.to.include('tls.caSecret');
  });

  it('trusts the authority of caSecret', async () => {
    expect(await stateOf({ caSecret })).to.equal('connected');
  });

  it('checks the host name unless told not to', async () => {
    expect(await stateOf({ caSecret }, 'localhost')).to.include('is for another host name');
    expect(await stateOf({ caSecret, verifyHostname: false }, 'localhost')).to.equal('connected');
  });

  it('trusts anybody with allowInsecure', async () => {
    expect(await stateOf({ allowInsecure: true })).to.equal('connected');
  });
});
