import { expect } from 'chai';
import { readConfig } from '../../../controller/config.ts';

const POD = { POD_NAME: 'controller-0', POD_NAMESPACE: 'triggers' };
const IMAGE = '--dispatcher-image=registry.example/dispatcher:1';

describe('the flags of the controller', () => {
  it('have defaults, all but the image', () => {
    expect(readConfig([IMAGE], POD, '1.2.3')).to.deep.equal({
      watchNamespaces: [],
      dispatcherImage: 'registry.example/dispatcher:1',
      timezone: 'UTC',
      maxRollouts: 10,
      dryRun: false,
      probesPort: 8080,
      logLevel: 'info',
      lease: { namespace: 'triggers', name: 'kubeless-triggers' },
      podName: 'controller-0',
      podNamespace: 'triggers',
      proxy: {},
      dispatcherProxy: {},
      warnings: [],
    });
  });

  it('come with the proxy of the environment, and a mistake in it is one of the flags', () => {
    const env = { ...POD, HTTPS_PROXY: 'http://proxy.example:3128', no_proxy: '.svc' };
    expect(readConfig([IMAGE], env, '1')).to.deep.include({ proxy: { https: env.HTTPS_PROXY, noProxy: '.svc' } });
    const answer = readConfig([IMAGE, '--max-rollouts=0'], { ...POD, HTTPS_PROXY: 'socks5://me:secret@proxy' }, '1');
    expect(answer).to.have.property('text').that.includes('--max-rollouts').and.includes('HTTPS_PROXY is "socks5://');
    expect(answer).to.have.property('text').that.does.not.include('me:secret');
  });

  it('have a proxy for dispatchers, without a password, which everybody could read', () => {
    const flags = ['--dispatcher-https-proxy=http://proxy.example', '--dispatcher-no-proxy=.svc', IMAGE];
    const dispatcherProxy = { https: 'http://proxy.example', noProxy: '.svc' };
    expect(readConfig(flags, POD, '1')).to.deep.include({ dispatcherProxy, proxy: {} });
    const urls = ['http://me:pass@proxy.example', 'socks5://me:pass@proxy.example', 'http://me:pass@'];
    for (const wrong of [...urls, 'http://:me:pass@proxy.example', 'http://me:pass@proxy.example/%']) {
      const answer = readConfig([`--dispatcher-http-proxy=${wrong}`, IMAGE], POD, '1');
      expect(answer)
        .to.have.property('text')
        .that.matches(/^--dispatcher-http-proxy is "(http|socks5):/);
      expect(answer).to.have.property('text').that.does.not.include('me:pass');
    }
  });

  it('are read', () => {
    const args = ['--kubeconfig', '/k', '--context', 'c', '--watch-namespaces', 'a, b,a', '--timezone=Europe/Berlin'];
    const more = ['--max-rollouts=3', '--probes-port=0', '--log-level=WARN', '--lease-namespace=l', '--lease-name=n'];
    const config = readConfig([...args, ...more, IMAGE], {}, '1.2.3');
    expect(config).to.deep.include({ kubeconfig: '/k', context: 'c', watchNamespaces: ['a', 'b'] });
    expect(config).to.deep.include({ timezone: 'Europe/Berlin', maxRollouts: 3, probesPort: 0, logLevel: 'warn' });
    expect(config).to.deep.include({ lease: { namespace: 'l', name: 'n' } });
    expect(config).not.to.have.property('podNamespace');
  });

  for (const [words, args] of [
    ['leader election is off', ['--leader-elect=false']],
    ['nothing is written', ['--dry-run']],
  ] as const) {
    it(`need no Lease when ${words}`, () => {
      expect(readConfig([...args, IMAGE], {}, '1')).not.to.have.any.keys('lease', 'exitCode');
    });
  }

  it('say every mistake at once', () => {
    const args = ['--timezone=Mars', '--max-rollouts=0', '--probes-port=x', '--log-level=loud', '--watch-namespaces=A'];
    const answer = readConfig([...args, '--leader-elect=maybe', '--lease-name=_', '--colour'], {}, '1');
    expect(answer).to.deep.equal({
      exitCode: 1,
      text: [
        "--colour isn't an option. See --help for those that there are.",
        '--dispatcher-image is missing. Name the image that dispatchers run.',
        '--watch-namespaces is "A". Write names of namespaces, separated by commas.',
        '--timezone is "Mars". Write a name such as UTC or Europe/Berlin.',
        '--max-rollouts is "0". Write a number from 1 to 1000.',
        '--probes-port is "x". Write a port, or 0 for any free one.',
        '--log-level is "loud". Write one of debug, info, warn, error, silent.',
        '--leader-elect is "maybe". Write true or false.',
        '--lease-name is "_". Write the name of a Lease.',
        '--lease-namespace is missing, and so is POD_NAMESPACE. Set one, or --leader-elect=false.',
      ].join('\n'),
    });
  });

  it('include one of earlier versions, which is passed over with a word', () => {
    const config = readConfig([IMAGE, '--logging-config', 'logging.ini'], POD, '1');
    expect(config)
      .to.have.property('warnings')
      .that.deep.equals(['--logging-config is of earlier versions and does nothing; use --log-level']);
  });

  it('answer --version and --help', () => {
    expect(readConfig(['--version'], {}, '1.2.3')).to.deep.equal({ exitCode: 0, text: '1.2.3' });
    const help = readConfig(['--help'], {}, '1.2.3');
    expect(help).to.have.property('exitCode', 0);
    expect(help).to.have.property('text').that.includes('--watch-namespaces').and.not.includes('--logging-config');
  });
});
