import { expect } from 'chai';
import { show } from '../../../api/show.ts';
import { maskUrl } from '../../../common/mask-url.ts';

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

  const urls: readonly [url: string, shown: string][] = [
    ['http://host:80/a?b', 'http://host:80/a?b'],
    ['http://host/@scope/x:y@z', 'http://host/@scope/x:y@z'],
    ['http://user@host', 'http://[secret]@host'],
    ['ws://user:hunter2@host:8080/x?token=hunter2&key=', 'ws://[secret]@host:8080/x?token=[secret]&key=[secret]'],
    ['pulsar://u:hunter2@a:6650,u:hunter2@b:6650/x', 'pulsar://[secret]@b:6650/x'],
    ['http://host/#access_token=hunter2&x=hunter2', 'http://host/#access_token=[secret]&x=[secret]'],
    ['user:hunter2@host:6650', '[secret]@host:6650'],
    ['http://user:hunter2/hunter2@host', 'http://[secret]@host'],
    ['HTTP:///user:hunter2@host', 'HTTP:///[secret]@host'],
    ['ftp:user:hunter2@host', '[secret]@host'],
    ['ws://user:hunter2#hunter2@host:8080', 'ws://[secret]@host:8080'],
    ['http://user:hunter2?hunter2=hunter2@host/a', 'http://[secret]@host/a'],
    ['user:hunter2#a@host', '[secret]@host'],
    ['http://user:hunter2@host:99999/', 'http://[secret]@host:99999/'],
  ];
  for (const long of [':', '?', '#=', 'a,', '//', 'a:b@', ' ', '://'].map((part) => part.repeat(100_000))) {
    it(`masks in time what repeats ${JSON.stringify(long.slice(0, 4))}`, () => {
      const before = process.cpuUsage();
      maskUrl(long);
      maskUrl(`ws://${long}/${long}@`);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1e6, 'CPU seconds').to.be.below(2);
    });
  }

  for (const [url, shown] of urls) {
    it(`shows ${url.replaceAll('hunter2', '…')} without what gives access`, () => {
      expect(maskUrl(url)).to.equal(shown);
      expect(show(url, 'spec.a')).not.to.include('hunter2');
    });
  }

  it('takes a time that grows with the length alone', () => {
    const length = 30_000;
    const before = process.cpuUsage();
    for (const unit of [':', '?', '&', '#', '/', '@', 'a', '?a', 'a:', ',']) {
      for (const start of ['', 'ws://', 'ws://host/']) maskUrl(start + unit.repeat(length / unit.length));
    }
    expect(process.cpuUsage(before).user).below(1_000_000);
  });
});
