/** Helm for the tests of a suite. */
import { MissingToolsError } from '../servers/kubernetes/tools.ts';
import { createHelm, type Helm } from './helm.ts';

/**
 * Returns a function that gives tests and hooks of the suite their Helm, with the cluster of `kubeconfig` if there is one.
 * Without what Helm is built with the suite is skipped, or fails where `CI` is set.
 */
export function useHelm(kubeconfig: () => string | undefined = () => undefined): () => Helm {
  let helm: Helm | undefined;
  before('Helm', async function () {
    this.timeout(1_200_000);
    helm = await createHelm(kubeconfig()).catch((error) => {
      if (process.env.CI || !(error instanceof MissingToolsError)) throw error;
      process.stderr.write(`\nSKIPPED: ${error.message}\n\n`);
      return this.skip();
    });
  });
  after(() => helm?.end());
  return () => {
    if (!helm) throw new Error('using Helm: it is there in hooks and tests only, not while suites are declared');
    return helm;
  };
}
