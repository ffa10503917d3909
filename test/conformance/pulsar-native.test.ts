/** The conformance suite on a real Pulsar over the native client, where that loads; otherwise the reason why it doesn't. */
import { loadNativeClient } from '../../dispatcher/sources/pulsar/native-client.ts';
import { pulsarHarness } from './pulsar-harness.ts';
import { describeSource } from './source.ts';

const NAME = 'Pulsar over the native client';
const reason = await whyNot();

if (reason === undefined) {
  describeSource(NAME, pulsarHarness({ driver: 'native' }));
} else {
  console.log(`\n  NOT RUN: source ${NAME}: ${reason}\n`);
  describe(`source ${NAME}`, () => {
    it(`is not run: ${reason}`);
  });
}

/** The package is optional, and its install can end without its binding. */
async function whyNot(): Promise<string | undefined> {
  try {
    await loadNativeClient();
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
  }
}
