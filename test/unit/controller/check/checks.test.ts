import { expect } from 'chai';
import { checks } from '../../../../controller/check/checks.ts';
import { KubeError } from '../../../../controller/kube/client.ts';

describe('the check of a release without a policy of its own', () => {
  const settings = { namespace: 'team-a', triggerNamespace: 'team-a', deployment: 'kpt', lease: 'kpt' };
  const problemOf = (message: string) => {
    const refuse = () => Promise.reject(new KubeError(message, { status: 422, reason: 'Invalid' }));
    return checks({ request: refuse }, settings)
      .find(({ what }) => what.endsWith('is taken as it should be'))
      ?.check();
  };
  const denied =
    "pulsartriggers.kubeless.io \"c\" is forbidden: ValidatingAdmissionPolicy 'kpt.default' with binding 'b' denied request: ";

  it("takes the refusal of another release's policy for what it should be", async () => {
    const message = `${denied}the trigger makes a Deployment in namespace team-a, where check may not create any`;
    expect(await problemOf(message)).to.equal(undefined);
  });

  it('tells of every other refusal', async () => {
    for (const message of ['spec.x: unknown field', `${denied}no triggers on Fridays`]) {
      expect(await problemOf(message)).to.equal(`the API server refuses it: ${message}`);
    }
  });
});
