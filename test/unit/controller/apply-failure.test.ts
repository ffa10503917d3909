import { expect } from 'chai';
import { judgeRefusal } from '../../../controller/apply-failure.ts';

const TYPED = 'failed to create typed patch object (default/x; apps/v1, Kind=Deployment): ';
const INVALID = 'Deployment.apps "x" is invalid: ';

/** As an API server of Kubernetes 1.36 words them. */
const CASES: readonly [what: string, status: number, message: string, reason: string, retry: string][] = [
  [
    'an unknown field',
    500,
    `${TYPED}.spec.template.spec.containers[name="dispatcher"].imagee: field not declared in schema`,
    'InvalidDeployment',
    'never',
  ],
  [
    'a quantity that is none',
    500,
    'failed to convert new object (default/x; apps/v1, Kind=Deployment) to proper version: unable to convert ' +
      'unstructured object to apps/v1, Kind=Deployment: quantities must match the regular expression …',
    'InvalidDeployment',
    'never',
  ],
  [
    'a variable twice',
    500,
    `${TYPED}.spec.template.spec.containers[name="dispatcher"].env: duplicate entries for key [name="A"]`,
    'InvalidDeployment',
    'never',
  ],
  [
    'a value out of bounds',
    422,
    `${INVALID}spec.replicas: Invalid value: -1: must be greater than or equal to 0`,
    'InvalidDeployment',
    'never',
  ],
  ['an object of another type', 400, 'invalid object type: apps/v1, Kind=StatefulSet', 'InvalidDeployment', 'never'],
  ['far too much text', 413, 'Request entity too large: limit is 3145728', 'InvalidDeployment', 'never'],
  [
    'a quota',
    403,
    'deployments.apps "x" is forbidden: exceeded quota: none, requested: count/deployments.apps=1, used: …',
    'QuotaExceeded',
    'slowly',
  ],
  [
    'a policy',
    403,
    `deployments.apps "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`,
    'Forbidden',
    'slowly',
  ],
  [
    'a permission that is missing, or not known yet',
    403,
    'deployments.apps "x" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "deployments" in …',
    'Forbidden',
    'soon',
  ],
  ['a namespace that is not there', 404, 'namespaces "nowhere" not found', 'NamespaceMissing', 'slowly'],
  [
    'another object of that name by now',
    409,
    'Operation cannot be fulfilled on deployments.apps "x": uid mismatch: the provided object specified uid …',
    'ApplyFailed',
    'soon',
  ],
  ['an etcd that has gone', 500, 'etcdserver: request timed out', 'ApplyFailed', 'soon'],
  ['a webhook that is down', 500, 'Internal error occurred: failed calling webhook "w": …', 'ApplyFailed', 'soon'],
  ['an API server that starts', 503, 'the server is currently unable to handle the request', 'ApplyFailed', 'soon'],
  ['no answer', 0, 'connect ECONNREFUSED 127.0.0.1:6443', 'ApplyFailed', 'soon'],
];

describe("a Deployment that the API server doesn't take", () => {
  for (const [what, status, message, reason, retry] of CASES) {
    it(`for ${what} is ${reason}, tried again ${retry}`, () => {
      expect(judgeRefusal({ status, reason: '', message })).to.deep.equal({ reason, message, retry });
    });
  }

  it('is the namespace that goes away', () => {
    const message = 'unable to create new content in namespace a because it is being terminated';
    const expected = { reason: 'NamespaceMissing', message, retry: 'slowly' };
    expect(judgeRefusal({ status: 403, reason: 'NamespaceTerminating', message })).to.deep.equal(expected);
  });

  it('is no word about the namespace where a proxy answers with 404', () => {
    const message = 'HTTP 404 without a Status object';
    const expected = { reason: 'ApplyFailed', message, retry: 'soon' };
    expect(judgeRefusal({ status: 404, reason: 'PathNotFound', message })).to.deep.equal(expected);
  });

  it('is tried again when the server says', () => {
    const refusal = { status: 429, reason: 'TooManyRequests', message: 'slow down', retryAfterMs: 3000 };
    expect(judgeRefusal(refusal)).to.include({ reason: 'ApplyFailed', retry: 'soon', retryAfterMs: 3000 });
  });

  it('is told of in a bounded sentence', () => {
    const { message } = judgeRefusal({ status: 422, reason: 'Invalid', message: 'x'.repeat(100_000) });
    expect(message).to.have.length(2001);
  });
});
