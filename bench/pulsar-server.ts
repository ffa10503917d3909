/** The real Pulsar of the benchmark: the user's own (`PULSAR_URL`), or the one that the tests start. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PulsarEndpoint } from '../test/servers/pulsar/index.ts';

export type { PulsarEndpoint };

/** Runs `use` with a Pulsar, which is stopped afterwards if it was started for this; only then it has a process here. */
export async function withPulsar<T>(
  use: (pulsar: PulsarEndpoint & { readonly pid?: number }) => Promise<T>,
): Promise<T> {
  // From its source, beside which its settings lie; the benchmark itself runs as built.
  const file = pathToFileURL(resolve('test/servers/pulsar/shared.ts')).href;
  const shared: typeof import('../test/servers/pulsar/shared.ts') = await import(file);
  try {
    return await use(await shared.sharedPulsar({ optimize: true }));
  } finally {
    await shared.stopSharedPulsar();
  }
}
