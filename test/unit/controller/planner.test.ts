import { expect } from 'chai';
import type { TriggerObject } from '../../../controller/kube/objects.ts';
import { createPlanner } from '../../../controller/planner.ts';

const SPEC = { pulsar: { topic: 'orders', broker: 'pulsar://broker' }, kubeless: { function: 'http://function' } };

function trigger(metadata: Partial<TriggerObject['metadata']> = {}, spec: unknown = SPEC): TriggerObject {
  return {
    apiVersion: 'kubeless.io/v1',
    kind: 'PulsarTrigger',
    metadata: { name: 'orders', namespace: 'ns', uid: 'u', resourceVersion: '1', generation: 1, ...metadata },
    spec,
  };
}

describe('planning', () => {
  const create = () => createPlanner({ dispatcherImage: 'dispatcher:1', timezone: 'UTC' });

  it('is done once for a version of a trigger, whatever its status', () => {
    const planner = create();
    const plan = planner.plan('a', trigger());
    expect(plan.rendered).to.include({ namespace: 'ns', name: 'orders-pulsar' });
    expect(planner.plan('a', trigger({ resourceVersion: '2' }))).to.equal(plan);
  });

  it('is done anew for another spec, another trigger, and another word on its image', () => {
    const planner = create();
    const versions = [{}, { generation: 2 }, { uid: 'v' }, { annotations: { 'kubeless.io/dispatcher': 'original' } }];
    const plans = versions.map((metadata) => planner.plan('a', trigger(metadata)));
    expect(new Set(plans).size).to.equal(versions.length);
    expect(plans.at(-1)?.rendered?.dispatcher).to.equal('original');
  });

  it('names the problems of the spec, and of its override', () => {
    const planner = create();
    expect(planner.plan('a', trigger({}, {})).problems).to.have.length.above(0);
    const [problem] = planner.plan('b', trigger({}, { ...SPEC, deployment: { spec: 1 } })).problems ?? [];
    expect(problem?.path).to.equal('spec.deployment.spec');
  });

  it('keeps a few hundred plans', () => {
    const planner = create();
    const first = planner.plan('0', trigger());
    for (let index = 1; index <= 256; index++) planner.plan(String(index), trigger());
    expect(planner.plan('0', trigger())).not.to.equal(first);
  });
});
