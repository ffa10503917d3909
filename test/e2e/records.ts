/** Tells what became of the records that a stream published: the ledger of an end-to-end test. */
import { expect } from 'chai';
import type { Call, Findings } from '../support/ledger.ts';
import { isSound, judge, summarise } from '../support/ledger.ts';
import { keepLedger } from '../support/ledger-file.ts';
import { waitFor } from '../support/wait-for.ts';
import type { FunctionPods } from './function-pods.ts';
import type { Stream } from './stream.ts';

export interface Ledger {
  /**
   * Waits until everything published up to now has arrived, and fails unless that was once each and in order.
   * `duplicates` allows some that are new since the last look. Returns the findings so far.
   */
  settle(options?: { readonly duplicates?: number }): Promise<Findings>;
}

const TIMEOUT_MS = 120_000;

export function createLedger(name: string, stream: Stream, functionPods: FunctionPods): Ledger {
  let known = 0;
  return {
    async settle({ duplicates = 0 } = {}) {
      const published = stream.published.slice();
      const ids = new Set(published.map(({ id }) => id));
      let calls: readonly Call[] = [];
      const look = async () => {
        calls = (await functionPods.calls()).filter(({ id }) => ids.has(id));
        return judge({ published, calls, deaths: new Map() });
      };
      const isComplete = async () => {
        const found = await look();
        return found.lost.length === 0 && found;
      };
      const what = `all of ${published.length} records to arrive`;
      // What is missing in the end is told with everything else.
      const findings = await waitFor(isComplete, { timeout: TIMEOUT_MS, interval: 500, what }).catch(look);
      process.stderr.write(`      ${name}: ${summarise(findings)}\n`);
      const allowed = known + duplicates;
      if (!isSound(findings) || findings.duplicates > allowed) {
        const file = await keepLedger(name, { published, calls, deaths: new Map() }, findings);
        expect.fail(`${summarise(findings)}\n  duplicates allowed: ${allowed}; see ${file}`);
      }
      known = findings.duplicates;
      return findings;
    },
  };
}
