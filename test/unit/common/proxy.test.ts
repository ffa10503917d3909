import { expect } from 'chai';
import {
  dispatcherProxyProblems,
  proxyAuthorization,
  proxyFor,
  proxyProblems,
  readProxySettings,
} from '../../../common/proxy.ts';

const HTTP = 'http://proxy.example:3128';
const HTTPS = 'https://me:secret@proxy.example';

describe('the proxy of a URL', () => {
  /** As Go's net/http has them, by which kubectl goes. */
  const DIRECT: readonly [url: string, noProxy: string, direct: boolean][] = [
    ['http://fn.default', '', false],
    ['http://localhost:8080', '', true],
    ['http://127.4.5.6', '', true],
    ['http://[::1]:8080', '', true],
    ['http://fn.default', '*', true],
    ['http://fn.default', 'default', true],
    ['http://fn.default', '.default', true],
    ['http://fn.default', '*.default', true],
    ['http://default', '.default', false],
    ['http://notdefault', 'default', false],
    ['http://FN.Default.', 'other, fn.DEFAULT', true],
    ['http://fn.default', 'fn.default:80', true],
    ['https://fn.default', 'fn.default:80', false],
    ['http://10.1.2.3', '10.0.0.0/8', true],
    ['http://11.1.2.3', '10.0.0.0/8', false],
    ['http://10.1.2.3:8080', '10.1.2.3', true],
    ['http://10.1.2.3:8080', '10.1.2.3:80', false],
    ['http://ten.example', '10.0.0.0/8', false],
    ['http://[fd00::1]', 'fd00::/8', true],
    ['http://[fd00::1]', 'fd00::1', true],
    ['https://[fd00::1]', '[fd00::1]:443', true],
    ['http://10.1.2.3', '10.0.0.0/99', false],
    ['http://[fd00::1]', 'FD00:0::1', true],
    ['http://[fd00::1]', '[fd00:0:0::2]', false],
    ['http://[::ffff:10.1.2.3]', '10.1.2.3', true],
    ['http://fn.default.', 'fn.default.', true],
    ['http://a.fn.default', 'fn.default.', true],
  ];
  for (const [url, noProxy, direct] of DIRECT) {
    it(`is ${direct ? 'none' : 'used'} for ${url} with NO_PROXY=${noProxy}`, () => {
      const settings = readProxySettings({ HTTP_PROXY: HTTP, HTTPS_PROXY: HTTP, NO_PROXY: noProxy });
      expect(proxyFor(new URL(url), settings)?.host).to.equal(direct ? undefined : 'proxy.example:3128');
    });
  }

  it('is another for https than for http, and none for the one that isn’t set', () => {
    const both = readProxySettings({ http_proxy: 'plain.example:1', HTTPS_PROXY: HTTPS });
    expect(proxyFor(new URL('http://a.example'), both)?.href).to.equal('http://plain.example:1/');
    expect(proxyFor(new URL('https://a.example'), both)?.host).to.equal('proxy.example');
    expect(proxyFor(new URL('https://a.example'), readProxySettings({ HTTP_PROXY: HTTP }))).to.equal(undefined);
    expect(proxyFor(new URL('http://a.example'), readProxySettings({ HTTPS_PROXY: HTTP }))).to.equal(undefined);
    expect(proxyFor(new URL('http://a.example'), readProxySettings({ HTTP_PROXY: '' }))).to.equal(undefined);
  });

  it('is told a password without a name, too', () => {
    const url = new URL('http://:secret@proxy.example');
    expect(proxyAuthorization(url)).to.equal(`Basic ${Buffer.from(':secret').toString('base64')}`);
    expect(proxyAuthorization(new URL(HTTP))).to.equal(undefined);
    expect(dispatcherProxyProblems({ http: url.href })).to.have.length(1);
  });

  for (const [user, password] of [
    ['me', 'p%'],
    ['m%zz', 'secret'],
  ]) {
    it(`can't have a % that stands for nothing, as in ${user} and ${password}`, () => {
      const url = `http://${user}:${password}@proxy.example:3128`;
      const settings = readProxySettings({ HTTP_PROXY: url });
      const [problem, ...others] = proxyProblems(settings);
      expect(problem).to.match(/^HTTP_PROXY is "http:\/\/\[secret\]@proxy\.example:3128", .* Write %25 for each %/);
      expect(others).to.deep.equal([]);
      expect(() => proxyFor(new URL('http://a.example'), settings)).to.throw('Write %25 for each %');
    });
  }

  for (const bad of ['socks5://me:secret@proxy.example', 'http://me:secret@:1', 'ftp://proxy.example', 'http://a b']) {
    it(`can't be ${bad}, and the problem names no password`, () => {
      const [problem, ...others] = proxyProblems(readProxySettings({ HTTPS_PROXY: bad }));
      expect(problem).to.match(/^HTTPS_PROXY is ".+"\. Write the address of an HTTP proxy, such as http:/);
      expect(problem).not.to.include('me:secret');
      expect(others).to.deep.equal([]);
    });
  }

  for (const bad of ['http://me:100%@proxy.example', 'http://50%25me%z:secret@proxy.example']) {
    it(`can't be ${bad}, whose % begins no escape`, () => {
      const [problem] = proxyProblems(readProxySettings({ HTTPS_PROXY: bad }));
      expect(problem).to.equal(
        'HTTPS_PROXY is "http://[secret]@proxy.example", with a % that begins no escape. ' +
          'Write %25 for each % in the name and the password.',
      );
    });
  }

  for (const [userInfo, credentials] of [
    ['me:a%20b', 'me:a b'],
    ['me', 'me:'],
    [':secret', ':secret'],
    ['me:%FF%25', 'me:\xff%'],
    ['me:ü', 'me:\xc3\xbc'],
    ['me:100%', 'me:100%'],
  ] as const) {
    it(`is told ${userInfo} byte by byte`, () => {
      const authorization = proxyAuthorization(new URL(`http://${userInfo}@proxy.example`)) ?? '';
      expect(Buffer.from(authorization.replace('Basic ', ''), 'base64').toString('latin1')).to.equal(credentials);
    });
  }

  it('has no name and no password where a flag shows it, not even a password alone', () => {
    for (const userInfo of ['me:secret', 'me', ':secret']) {
      const [problem] = dispatcherProxyProblems({ http: `http://${userInfo}@proxy.example` });
      expect(problem, userInfo).to.include('would be seen with its password').and.not.include('secret@');
    }
  });
});
