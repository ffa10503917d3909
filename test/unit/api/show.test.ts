import { expect } from 'chai';
import { show } from '../../../api/show.ts';

describe('show', () => {
  it('prints values in short', () => {
    expect(show(5, 'spec.a')).to.equal('5');
    expect(show('a"b', 'spec.a')).to.equal('"a\\"b"');
    expect(show([1, 2], 'spec.a')).to.equal('a list of 2');
    expect(show({ a: 1 }, 'spec.a')).to.equal('an object');
    expect(show('x'.repeat(500), 'spec.a')).to.have.length.below(100);
  });

  it('never prints what may be a credential', () => {
    expect(show('hunter2', 'spec.pulsar.auth-token')).to.equal('a string');
    expect(show('https://user:hunter2@host/x', 'spec.a')).to.equal('"https://[secret]@host/x"');
    expect(show('https://host/x?code=hunter2&b=hunter2#c', 'spec.a')).to.equal(
      '"https://host/x?code=[secret]&b=[secret]#c"',
    );
    expect(show('https://a:hunter2@b:hunter2@host', 'spec.a')).to.equal('"https://[secret]@host"');
  });
});
