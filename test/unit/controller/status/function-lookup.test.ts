import { expect } from 'chai';
import { lookUpFunction } from '../../../../controller/status/function-lookup.ts';
import { functionVerdict } from '../../../../controller/status/function-verdict.ts';

const has = {
  service: (namespace: string, name: string) => ['shop/hello', 'media/resize'].includes(`${namespace}/${name}`),
  namespace: (name: string) => ['shop', 'media', 'io'].includes(name),
};

/** URL, reason, part of the message. */
const TABLE: readonly (readonly [string, string, string])[] = [
  ['http://hello', 'ServiceFound', 'Service hello in namespace shop exists'],
  ['http://hello:8080/path?q=1', 'ServiceFound', 'hello'],
  ['http://HELLO', 'ServiceFound', 'hello'],
  ['http://resize.media', 'ServiceFound', 'Service resize in namespace media'],
  ['http://resize.media.svc', 'ServiceFound', 'resize'],
  ['http://resize.media.svc.cluster.local:8080', 'ServiceFound', 'resize'],
  ['http://resize.media.svc.cluster.local.', 'ServiceFound', 'resize'],
  ['http://resize.media.svc.corp.example', 'ServiceFound', 'resize'],
  ['http://user:secret@hello', 'ServiceFound', 'hello'],
  ['http://resize', 'FunctionNotFound', 'there is no Service resize in namespace shop: deploy the function'],
  ['http://hello.media', 'FunctionNotFound', 'there is no Service hello in namespace media'],
  ['http://hello.gone.svc', 'FunctionNotFound', 'there is no namespace gone, where Service hello should be'],
  ['http://hello.gone', 'External', "hello.gone isn't a Service of this cluster"],
  ['http://example.io', 'FunctionNotFound', 'there is no Service example in namespace io'],
  ['http://example.io.', 'External', 'example.io.'],
  ['http://hello.', 'External', 'hello.'],
  ['https://hello.shop.example.com', 'External', 'hello.shop.example.com'],
  ['http://pod-0.hello.shop.svc', 'External', 'pod-0.hello.shop.svc'],
  ['http://localhost:9000', 'External', 'localhost'],
  ['http://10.0.0.7', 'External', '10.0.0.7'],
  ['http://[fd00::1]:8080', 'External', '[fd00::1]'],
  ['http://under_score', 'External', 'under_score'],
];

describe('looking up a function', () => {
  for (const [url, reason, part] of TABLE) {
    it(`${url}: ${reason}`, () => {
      const { reason: found, message, status } = functionVerdict(lookUpFunction(url, 'shop', has));
      expect(found).to.equal(reason);
      expect(message).to.include(part).and.not.include('secret');
      expect(status).to.equal({ ServiceFound: 'True', FunctionNotFound: 'False' }[reason] ?? 'Unknown');
    });
  }

  it('is not known while the spec has problems', () => {
    expect(functionVerdict(undefined)).to.include({ status: 'Unknown', reason: 'InvalidSpec' });
  });
});
