/** The lag, from a web service that keeps no connection it doesn't say it closes. */
import { expect } from 'chai';
import type { PulsarSourceSpec } from '../../../../../api/trigger.ts';
import { createCredentials } from '../../../../../dispatcher/sources/pulsar/credentials.ts';
import { createLagReporter } from '../../../../../dispatcher/sources/pulsar/lag.ts';
import { createCertificate } from '../../../../support/certificate.ts';
import { type RawServer, type RawServerOptions, startRawServer } from '../../../../support/raw-server.ts';

const STATS = '{"partitions":0,"subscriptions":{"s":{"msgBacklog":3}}}';
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Length: ${STATS.length}\r\n\r\n${STATS}`;

describe('lag of Pulsar', () => {
  let server: RawServer;

  afterEach(() => server.close());

  async function lag(scheme: string, options: RawServerOptions) {
    server = await startRawServer(options);
    const source: PulsarSourceSpec = {
      type: 'pulsar',
      topics: ['t'],
      broker: 'pulsar://host:6650',
      webServiceUrl: `${scheme}://127.0.0.1:${server.port}/`,
      subscription: { name: 's', type: 'Failover', initialPosition: 'latest' },
      tls: { allowInsecure: false, verifyHostname: true, caSecret: { name: 'ca', key: 'ca.crt' } },
    };
    const secrets = { read: () => options.tls?.cert ?? '', path: () => expect.fail('no path') };
    const credentials = createCredentials(source, secrets);
    const partitions = await createLagReporter({ source, credentials, consumerName: 'c' }).lag(
      AbortSignal.timeout(20_000),
    );
    return partitions.map(({ partition, records }) => ({ partition, records }));
  }

  const known = [{ partition: 'persistent://public/default/t', records: 3 }];

  it('is known though connections are closed after each answer, unannounced', async () => {
    const ending: RawServerOptions = {
      complete: ({ socket }, nth) => (nth === 1 ? socket.write(ANSWER) : socket.destroy()),
    };

    expect(await lag('http', ending)).to.deep.equal(known);
  });

  it('is not known where the web service switches to another protocol', async () => {
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n';
    const answer = await lag('http', { complete: ({ socket }) => socket.write(switching) }).catch(String);

    expect(answer).to.match(/the lag isn't known: 127\.0\.0\.1:\d+ answered 101/);
  });

  it('is known where the scheme of the URL is in capitals', async () => {
    const complete: RawServerOptions['complete'] = ({ socket }) => socket.write(ANSWER);

    expect(await lag('HTTPS', { tls: createCertificate(), complete })).to.deep.equal(known);
  });
});
