import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseTrigger, type Trigger } from '../../../api/trigger.ts';
import { localTrigger, secretProblems } from '../../../cli/local-trigger.ts';
import { createSecretFiles } from '../../../dispatcher/sources/secrets.ts';

function trigger(pulsar: object = {}): Trigger {
  const parsed = parseTrigger({
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: { pulsar: { topic: 't', broker: 'ws://b', ...pulsar }, kubeless: { function: 'http://f' } },
  });
  if ('trigger' in parsed) return parsed.trigger;
  throw new Error(JSON.stringify(parsed.problems));
}

describe('localTrigger', () => {
  it('has a subscription of its own', () => {
    const { source } = localTrigger(trigger(), { asDeployed: false }, 'ann');
    expect(source.subscription.name).to.equal('orders-shop-local-ann');
    expect(localTrigger(trigger(), { asDeployed: false }).source.subscription.name).to.match(
      /^orders-shop-local-[-.\w]+$/,
    );
  });

  it("has the cluster's when asked for", () => {
    expect(localTrigger(trigger(), { asDeployed: true }, 'ann')).to.deep.equal(trigger());
  });

  it('sends to another function when asked for', () => {
    const { function: target } = localTrigger(trigger(), { asDeployed: true, functionUrl: 'http://g' }, 'ann');
    expect(target).to.deep.equal({ url: 'http://g' });
  });
});

describe('secretProblems', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  after(() => rmSync(folder, { recursive: true }));

  it('names each file that is missing', () => {
    mkdirSync(join(folder, 'pulsar'));
    writeFileSync(join(folder, 'pulsar', 'token'), 'hunter2');
    const named = trigger({
      authTokenSecret: { name: 'pulsar', key: 'token' },
      tls: { caSecret: { name: 'pulsar', key: 'ca' }, certSecret: { name: 'client' } },
    });
    const problems = secretProblems(named, createSecretFiles(folder));
    expect(problems).to.have.length(3);
    expect(problems[0]).to.include(join(folder, 'pulsar', 'ca'));
    expect(problems[2]).to.include(join(folder, 'client', 'tls.key'));
    expect(secretProblems(trigger(), createSecretFiles(folder))).to.deep.equal([]);
  });
});
