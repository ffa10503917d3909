import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { decodeTrigger, encodeTrigger, parseTrigger, type Trigger } from '../../../api/trigger.ts';

const GOOD = new URL('../../corpus/good/', import.meta.url);

const MANIFEST = {
  kind: 'PulsarTrigger',
  apiVersion: 'kubeless.io/v1',
  metadata: { name: 'orders', labels: { a: 'b' } },
  spec: {
    pulsar: { topic: 't', broker: 'pulsar://pulsar', 'auth-token': 'hunter2' },
    kubeless: { function: 'http://f' },
    scaling: { replicas: 3 },
    deployment: { spec: {} },
  },
};

function triggerOf(parsed: ReturnType<typeof parseTrigger>): Trigger {
  if ('trigger' in parsed) return parsed.trigger;
  throw new Error(JSON.stringify(parsed.problems));
}

function problemOf(text: string) {
  const decoded = decodeTrigger(text);
  return 'problems' in decoded ? decoded.problems[0] : undefined;
}

describe('encodeTrigger', () => {
  it('writes what the user set with sorted keys, without token, replicas and deployment', () => {
    expect(encodeTrigger(MANIFEST)).to.equal(
      '{"apiVersion":"kubeless.io/v1","kind":"PulsarTrigger","name":"orders","spec":{"kubeless":{"function":"http://f"},' +
        '"pulsar":{"broker":"pulsar://pulsar","topic":"t"}},"v":1}',
    );
  });

  it('does not depend on the order in which fields were written', () => {
    const { pulsar, ...others } = MANIFEST.spec;
    expect(encodeTrigger({ ...MANIFEST, spec: { ...others, pulsar } })).to.equal(encodeTrigger(MANIFEST));
  });
});

describe('decodeTrigger', () => {
  for (const name of readdirSync(GOOD)) {
    it(`gives the trigger of ${name} back`, () => {
      const manifest = load(readFileSync(new URL(name, GOOD), 'utf8'));
      const { authToken: _, ...source } = triggerOf(parseTrigger(manifest)).source;
      const trigger = { ...triggerOf(parseTrigger(manifest)), source, scaling: { replicas: 1 }, deployment: {} };
      expect(triggerOf(decodeTrigger(encodeTrigger(manifest)))).to.deep.equal(trigger);
    });
  }

  it('says what is wrong with text that is none', () => {
    expect(problemOf('nonsense')?.message).to.equal("isn't a JSON object");
    expect(problemOf('{"v":2}')?.message).to.equal('is of version 2, and this dispatcher knows 1');
    expect(problemOf(encodeTrigger({ ...MANIFEST, spec: {} }))?.path).to.equal('spec.pulsar');
  });
});
