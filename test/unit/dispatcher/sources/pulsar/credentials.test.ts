import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { expect } from 'chai';
import type { PulsarSourceSpec } from '../../../../../api/trigger.ts';
import { Secret } from '../../../../../common/secret.ts';
import { createCredentials } from '../../../../../dispatcher/sources/pulsar/credentials.ts';
import { createCertificate } from '../../../../support/certificate.ts';

const SOURCE: PulsarSourceSpec = {
  type: 'pulsar',
  topics: ['t'],
  broker: 'ws://host:8080',
  subscription: { name: 's', type: 'Failover', initialPosition: 'latest' },
  tls: { allowInsecure: false, verifyHostname: true },
};

describe('credentials of Pulsar', () => {
  const caSecret = { name: 'ca', key: 'ca.crt' };
  const certSecret = { name: 'login' };

  function credentials(
    broker: string,
    tls: Partial<PulsarSourceSpec['tls']> = {},
    values: Record<string, string> = {},
  ) {
    const source = { ...SOURCE, broker, tls: { ...SOURCE.tls, ...tls } };
    return createCredentials(source, {
      read: ({ key }) => values[key] ?? expect.fail(`no ${key}`),
      path: ({ name, key }) => `/secrets/${name}/${key}`,
    });
  }

  const tokenOf = (authToken: string | undefined, stored = '') => {
    const secret = authToken === undefined ? { authTokenSecret: { name: 'pulsar', key: 'token' } } : {};
    const source = { ...SOURCE, ...secret, ...(authToken !== undefined && { authToken: new Secret(authToken) }) };
    return createCredentials(source, { read: () => stored, path: () => '' }).token();
  };

  it('take the token without the space around it, from the trigger and from a Secret', () => {
    expect(tokenOf(' \n a.b.c\r\n')).to.equal('a.b.c');
    expect(tokenOf(undefined, ' \n a.b.c\r\n')).to.equal('a.b.c');
  });

  for (const prefix of ['token:', 'file:', 'data:', 'Bearer', 'basic']) {
    it(`name the prefix ${prefix}, which only other settings want, and never the token`, () => {
      const text = `${prefix}${prefix.endsWith(':') ? '' : ' '}a.b.hunter2`;
      const cure = `begins with "${prefix}": put the token alone into it, without that prefix`;
      expect(() => tokenOf(text))
        .to.throw(`auth-token ${cure}`)
        .that.has.property('message')
        .not.includes('hunter2');
      expect(() => tokenOf(undefined, text)).to.throw(`key "token" of Secret "pulsar" ${cure}`);
    });
  }

  it('say that there is no token, or more than one', () => {
    for (const text of ['  ', 'a.b\nhunter2']) {
      expect(() => tokenOf(text))
        .to.throw(/^auth-token holds no token: [^\n]*$/)
        .that.has.property('message')
        .not.includes('hunter2');
      expect(() => tokenOf(undefined, text)).to.throw('key "token" of Secret "pulsar" holds no token');
    }
  });

  for (const broker of ['pulsar+ssl://host:6651', 'https://host:8443']) {
    it(`give the native client of ${broker} a file of Node's and the system's authorities`, () => {
      const { ca = expect.fail('no file') } = credentials(broker).tlsFiles();

      const file = readFileSync(ca, 'utf8');
      for (const authority of [...getCACertificates('default'), ...getCACertificates('system')]) {
        expect(file.includes(authority.trim())).to.equal(true);
      }
      expect(credentials(broker).tlsFiles().ca).to.equal(ca);
    });
  }

  it('give the native client that of caSecret in place of those', () => {
    expect(credentials('pulsar+ssl://host:6651', { caSecret }).tlsFiles()).to.deep.equal({ ca: '/secrets/ca/ca.crt' });
  });

  it('give it no authorities where there is no TLS', () => {
    expect(credentials('pulsar://host:6650').tlsFiles()).to.deep.equal({});
    expect(credentials('http://host:8080').tlsFiles()).to.deep.equal({});
  });

  it('have no TLS for URLs without', () => {
    const of = credentials('wss://host:8443');

    expect(of.tls('ws://host:8080/')).to.equal(undefined);
    expect(of.tls('http://host:8080/')).to.equal(undefined);
    expect(of.tls('WSS://Host.:8443/')).to.include({ servername: 'host', rejectUnauthorized: true });
  });

  it('say which Secret holds no certificate with its key, and show neither', () => {
    const { cert } = createCertificate();
    const { key } = createCertificate();
    for (const values of [
      { 'tls.crt': cert, 'tls.key': key },
      { 'tls.crt': 'secret', 'tls.key': key },
      { 'tls.crt': cert, 'tls.key': 'secret' },
    ]) {
      expect(() => credentials('wss://host:8443', { certSecret }, values).tls('wss://host:8443/')).to.throw(
        /^keys "tls\.crt" and "tls\.key" of Secret "login" hold no certificate with its key: [^:]+$/,
      );
    }
  });
});
