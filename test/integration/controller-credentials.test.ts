/** Kubeconfigs and proxies, as kubectl understands them: each case is given to kubectl, too. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { readProxySettings } from '../../common/proxy.ts';
import { createKubeClient } from '../../controller/kube/client.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { kubernetesTools } from '../servers/kubernetes/tools.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';

type Env = Readonly<Record<string, string>>;

describe('who the controller is, and how it gets to the API server', function () {
  this.timeout(60_000);
  const kubernetes = useKubernetes();
  const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
  const closing: (() => Promise<void>)[] = [];
  let kubectl: string;
  let token: string;
  let account: string;
  let port: string;

  before(async () => {
    ({ kubectl } = await kubernetesTools(['kubectl']));
    const namespace = await kubernetes().namespace();
    account = `system:serviceaccount:${namespace}:default`;
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`;
    token = (await kubernetes().admin.post(accounts, { spec: { expirationSeconds: 3600 } })).status.token;
    ({ port } = new URL(kubernetes().url));
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  let count = 0;
  function kubeconfig(user: object, cluster: object = {}, file = join(folder, `kubeconfig-${count++}`)): string {
    const { url: server, ca = '' } = kubernetes();
    const name = 'tests';
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64'), ...cluster } },
      ],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  const REVIEW = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  /** As whom the API server knows us. */
  async function ourName(file: string | undefined, env: Env = {}): Promise<string> {
    const client = createKubeClient({ ...(file && { kubeconfig: file }), proxy: readProxySettings(env) });
    try {
      const path = `/apis/${REVIEW.apiVersion}/selfsubjectreviews`;
      const { status } = await client.request<{ status: { userInfo: { username: string; groups: string[] } } }>({
        ...{ method: 'POST', path, body: REVIEW, timeoutMs: 5_000 },
      });
      return `${status.userInfo.username} ${status.userInfo.groups}`;
    } finally {
      await client.close();
    }
  }

  async function kubectlsName(file: string, env: Env = {}): Promise<string> {
    const args = ['auth', 'whoami', '--output', 'json', '--request-timeout', '5s'];
    const { PATH = '' } = process.env;
    const { stdout } = await promisify(execFile)(kubectl, args, {
      env: { PATH, HOME: folder, KUBECONFIG: file, ...env },
    });
    const { userInfo } = JSON.parse(stdout).status;
    return `${userInfo.username} ${userInfo.groups}`;
  }

  it('is the ServiceAccount of a tokenFile, which wins over a token and may lie beside the kubeconfig', async () => {
    writeFileSync(join(folder, 'token'), `${token}\n`);
    for (const user of [
      { tokenFile: join(folder, 'token') },
      { tokenFile: 'token' },
      { tokenFile: 'token', token: 'x' },
    ]) {
      const file = kubeconfig(user);
      const name = await ourName(file);
      expect(name).to.match(new RegExp(`^${account} `));
      expect(await kubectlsName(file)).to.equal(name);
    }
  });

  for (const [what, user] of [
    ['isn’t there', { tokenFile: 'absent' }],
    ['is empty', { tokenFile: 'empty' }],
  ] as const) {
    it(`is nobody at all where the tokenFile ${what}, and says so`, async () => {
      writeFileSync(join(folder, 'empty'), '\n');
      const error = await ourName(kubeconfig(user)).catch((reason) => reason);
      expect(error).to.include({ reason: 'NoCredentials' });
      expect(error.message).to.include(join(folder, user.tokenFile));
    });
  }

  it('acts as whom the kubeconfig says, in these groups', async () => {
    const { users } = JSON.parse(readFileSync(kubernetes().kubeconfig, 'utf8'));
    const file = kubeconfig({ ...users[0].user, as: 'somebody', 'as-groups': ['one', 'two'] });
    const name = await ourName(file);
    expect(name).to.equal('somebody one,two,system:authenticated');
    expect(await kubectlsName(file)).to.equal(name);
  });

  it('takes the first of two entries with one name in the files of KUBECONFIG, and files that are missing for empty', async () => {
    const beside = join(folder, 'beside');
    mkdirSync(beside, { recursive: true });
    writeFileSync(join(beside, 'token'), token);
    const files = [
      join(folder, 'absent'),
      kubeconfig({ tokenFile: 'token' }, {}, join(beside, 'first')),
      kubeconfig({ token: 'second' }),
    ].join(delimiter);
    const before = process.env.KUBECONFIG;
    process.env.KUBECONFIG = files;
    try {
      const name = await ourName(undefined);
      expect(name).to.match(new RegExp(`^${account} `));
      expect(await kubectlsName(files)).to.equal(name);
    } finally {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    }
  });

  const HOST = 'kubernetes.example';
  const ROUTES: readonly [
    what: string,
    env: (proxy: string) => Env,
    cluster: (proxy: string) => object,
    used: boolean,
  ][] = [
    ['HTTPS_PROXY', (proxy) => ({ HTTPS_PROXY: proxy }), () => ({}), true],
    ['https_proxy', (proxy) => ({ https_proxy: proxy }), () => ({}), true],
    ['HTTP_PROXY', (proxy) => ({ HTTP_PROXY: proxy }), () => ({}), false],
    ['NO_PROXY for the host', (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: `a.example,${HOST}` }), () => ({}), false],
    ['NO_PROXY for the domain', (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: '.example' }), () => ({}), false],
    ['NO_PROXY for another host', (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: 'other.example' }), () => ({}), true],
    ['proxy-url', () => ({}), (proxy) => ({ 'proxy-url': proxy }), true],
    ['proxy-url in spite of NO_PROXY', () => ({ NO_PROXY: '*' }), (proxy) => ({ 'proxy-url': proxy }), true],
    ['this machine', (proxy) => ({ HTTPS_PROXY: proxy }), () => ({ server: kubernetes().url }), false],
  ];
  for (const [what, env, cluster, used] of ROUTES) {
    it(`goes ${used ? 'through' : 'past'} a proxy, as kubectl does: ${what}`, async () => {
      const [ours, kubectls] = [
        await startForwardProxy({ credentials: 'me:pass' }),
        await startForwardProxy({ credentials: 'me:pass' }),
      ];
      closing.push(ours.close, kubectls.close);
      const server = { server: `https://${HOST}:${port}`, 'tls-server-name': 'localhost' };
      await Promise.allSettled([
        ourName(kubeconfig({ token }, { ...server, ...cluster(ours.url) }), env(ours.url)),
        kubectlsName(kubeconfig({ token }, { ...server, ...cluster(kubectls.url) }), env(kubectls.url)),
      ]);
      const [first] = ours.asked;
      expect(first).to.equal(used ? `CONNECT ${HOST}:${port}` : undefined);
      expect(kubectls.asked[0]).to.equal(first);
      if (used)
        expect(await ourName(kubeconfig({ token }, { ...server, ...cluster(ours.url) }), env(ours.url))).to.include(
          account,
        );
    });
  }

  it('says that the proxy refuses it, without its password', async () => {
    const proxy = await startForwardProxy({ credentials: 'me:pass' });
    closing.push(proxy.close);
    const env = { HTTPS_PROXY: proxy.url.replace('pass', 'wrong') };
    const file = kubeconfig({ token }, { server: `https://${HOST}:${port}`, 'tls-server-name': 'localhost' });
    const error = await ourName(file, env).catch((reason) => reason);
    expect(error.message).to.include('407').and.not.to.include('wrong');
  });
});
