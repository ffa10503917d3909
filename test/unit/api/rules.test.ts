import { readdirSync, readFileSync } from 'node:fs';
import { Environment } from '@marcbachmann/cel-js';
import { expect } from 'chai';
import { load } from 'js-yaml';
import type { Static } from 'typebox';
import { check } from '../../../api/check.ts';
import type { Kind, Rule } from '../../../api/kinds/kind.ts';
import { pulsarTrigger } from '../../../api/kinds/pulsar-trigger.ts';
import { sharedRules } from '../../../api/rules.ts';

const FOLDERS = ['good', 'bad'].map((name) => new URL(`../../corpus/${name}/`, import.meta.url));
const environment = new Environment().registerVariable('self', 'dyn');

const { spec: schema }: Kind = pulsarTrigger;
const RULES: readonly Rule<PulsarTriggerSpec>[] = [...pulsarTrigger.rules, ...sharedRules];

type PulsarTriggerSpec = Static<typeof pulsarTrigger.spec>;

/** The specs of the corpus whose fields are each right by themselves. */
function* specs(): Generator<readonly [string, PulsarTriggerSpec]> {
  for (const folder of FOLDERS) {
    for (const name of readdirSync(folder)) {
      const object = load(readFileSync(new URL(name, folder), 'utf8'));
      if (typeof object !== 'object' || object === null || !('spec' in object)) continue;
      // What the check takes is what the type says.
      if (check(schema, object.spec, 'spec').length === 0) yield [name, object.spec as PulsarTriggerSpec];
    }
  }
}

/** With the API server's spelling of names that hold a dash. */
function evaluate(cel: string, { pulsar, ...others }: PulsarTriggerSpec): unknown {
  const fields = Object.entries(pulsar).map(([name, value]) => [name.replaceAll('-', '__dash__'), value]);
  return environment.parse(cel)({ self: { ...others, pulsar: Object.fromEntries(fields) } });
}

describe('rules across fields', () => {
  for (const rule of RULES) {
    it(`say the same in CEL and in code: ${rule.message}`, () => {
      let kept = 0;
      let broken = 0;
      for (const [name, spec] of specs()) {
        const isKept = rule.broken(spec) === undefined;
        expect(evaluate(rule.cel, spec), name).to.equal(isKept);
        if (isKept) kept += 1;
        else broken += 1;
      }
      expect(kept).to.be.at.least(10);
      expect(broken).to.be.at.least(1);
    });
  }
});
