/** One Pulsar for a whole test run: the user's own (`PULSAR_URL`), or one that is started when first asked for. */
import { type PulsarEndpoint, type PulsarOptions, type PulsarServer, startPulsar } from './index.ts';

let started: Promise<PulsarServer> | undefined;

/**
 * Returns the Pulsar of this run. `PULSAR_URL` (`http://…` or `ws://…`, the web service; a token in `PULSAR_TOKEN`)
 * wins. The first call on a machine downloads the server, which takes a minute. The options are those of the first call.
 */
export async function sharedPulsar(options: PulsarOptions = {}): Promise<PulsarEndpoint> {
  const { PULSAR_URL, PULSAR_TOKEN } = process.env;
  if (PULSAR_URL) return connectPulsar(PULSAR_URL, PULSAR_TOKEN);
  started ??= startPulsar(options);
  return started;
}

/**
 * Makes the suite that it is called in wait for the Pulsar of this run, and returns a function that gives it to tests
 * and hooks of the suite.
 */
export function usePulsar(): () => PulsarEndpoint {
  let endpoint: PulsarEndpoint | undefined;
  before('Pulsar', async function () {
    this.timeout(600_000);
    endpoint = await sharedPulsar();
  });
  return () => {
    if (!endpoint) throw new Error('using Pulsar: it is there in hooks and tests only, not while suites are declared');
    return endpoint;
  };
}

/** Stops the Pulsar of this run if one was started. */
export async function stopSharedPulsar(): Promise<void> {
  const server = await started?.catch(() => undefined);
  started = undefined;
  await server?.stop();
}

/** Finds the other addresses of the Pulsar whose web service is at `url`. */
async function connectPulsar(url: string, adminToken: string | undefined): Promise<PulsarEndpoint> {
  const base = new URL(url);
  const isSecure = base.protocol === 'https:' || base.protocol === 'wss:';
  const adminUrl = `${isSecure ? 'https' : 'http'}://${base.host}`;
  const response = await fetch(`${adminUrl}/lookup/v2/topic/persistent/public/default/lookup`, {
    headers: adminToken ? { authorization: `Bearer ${adminToken}` } : {},
  }).catch((cause) => {
    throw new Error(`using PULSAR_URL=${url}: nothing answers there; unset it to start a Pulsar here`, { cause });
  });
  if (!response.ok) throw new Error(`using PULSAR_URL=${url}: the topic lookup answered ${response.status}`);
  const { brokerUrl } = (await response.json()) as { brokerUrl: string };
  return {
    wsUrl: `${isSecure ? 'wss' : 'ws'}://${base.host}`,
    adminUrl,
    serviceUrl: brokerUrl,
    ...(adminToken ? { adminToken } : {}),
  };
}
