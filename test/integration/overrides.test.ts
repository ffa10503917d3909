/** What a real API server keeps of each override. */
import { expect } from 'chai';
import { useNamespaces } from '../servers/kubernetes/shared.ts';
import { metadataRows, strategyRows } from './overrides/deployment-rows.ts';
import { containerRows, environmentRows, probeRows, resourceRows } from './overrides/dispatcher-rows.ts';
import { containerListRows, identityRows, placeRows, volumeRows } from './overrides/pod-rows.ts';
import { apply, pathOf, type Row } from './overrides/stored.ts';

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  "the dispatcher's environment": environmentRows,
  "the dispatcher's resources": resourceRows,
  "the dispatcher's probes": probeRows,
  "the dispatcher's container": containerRows,
  'the list of containers': containerListRows,
  'the volumes': volumeRows,
  'the place of pods': placeRows,
  'what pods may do': identityRows,
  'how pods are replaced': strategyRows,
  metadata: metadataRows,
};

describe('an API server keeps, when an override of', function () {
  this.timeout(60_000);
  const kubernetes = useNamespaces();
  let namespace = '';
  let made = 0;

  before(async () => {
    namespace = await kubernetes().namespace();
  });

  for (const [part, rows] of Object.entries(TABLES)) {
    describe(`${part} says`, () => {
      for (const { what, given, look, is } of rows) {
        it(what, async () => {
          const { admin } = kubernetes();
          const overridden = { ...given, namespace, name: `row-${made++}` };
          const stored = await apply(admin, overridden);
          expect(look(stored)).eql(is);
          const again = await apply(admin, overridden);
          expect(again.deployment.metadata.generation).equals(stored.deployment.metadata.generation);
          await admin.delete(pathOf(stored.deployment));
        });
      }
    });
  }
});
