import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { pulsarAdmin } from '../servers/pulsar/admin.ts';
import { usePulsar } from '../servers/pulsar/shared.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import { answer, type FunctionServer, startFunctionServer } from '../support/function-server.ts';
import { type Link, startLink } from '../support/link.ts';
import { publish } from '../support/pulsar-producer.ts';
import { waitFor } from '../support/wait-for.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Program {
  readonly process: ChildProcess;
  /** All that it printed so far. */
  output(): string;
  /** Exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

describe('kubectl-trigger run', function () {
  this.timeout(60_000);
  const pulsar = usePulsar();
  const running: ChildProcess[] = [];
  let sample: FunctionServer;
  let folder: string;
  let topic: string;
  let manifest: string;
  let link: Link | undefined;
  let silent: Listener | undefined;

  function start(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    let output = '';
    const process_ = spawn(process.execPath, [join(ROOT, file), ...args], { env: { ...process.env, ...env } });
    running.push(process_);
    for (const stream of [process_.stdout, process_.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    const ended = once(process_, 'exit').then(([code]) => code as number | null);
    return { process: process_, output: () => output, ended };
  }

  /** The manifest with another text in place of one of its own. */
  async function edit(from: string, to: string): Promise<void> {
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace(from, to));
  }

  const startPretty = () => start('bin/kubectl-trigger.js', ['run', '-f', manifest, '--log-format', 'pretty']);

  async function startRun(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Program> {
    const program = start('bin/kubectl-trigger.js', ['run', '-f', manifest, ...args], env);
    const isConsuming = async () => {
      const { subscriptions } = await pulsarAdmin(pulsar()).stats(topic);
      return Object.values(subscriptions).some(({ consumers }) => consumers.length > 0);
    };
    await waitFor(isConsuming, { timeout: 30_000, what: () => `a consumer; it printed: ${program.output()}` });
    return program;
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-run-'));
    sample = await startFunctionServer();
    topic = `cli-${randomUUID()}`;
    manifest = join(folder, 'trigger.yaml');
    const spec = {
      pulsar: {
        topic: `persistent://public/default/${topic}`,
        broker: pulsar().wsUrl,
        'auth-token': pulsar().adminToken,
      },
      kubeless: { function: sample.url },
    };
    const trigger = { apiVersion: 'kubeless.io/v1', kind: 'PulsarTrigger', metadata: { name: topic }, spec };
    await writeFile(manifest, JSON.stringify(trigger));
    await pulsarAdmin(pulsar()).createTopic(topic);
  });

  afterEach(async () => {
    for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
    await link?.close();
    await silent?.close();
    [link, silent] = [undefined, undefined];
    await sample.close();
    await rm(folder, { recursive: true });
  });

  it('delivers a topic with one JSON line a delivery, and stops cleanly on Ctrl-C', async () => {
    const program = await startRun();
    await publish(pulsar(), topic, [{ payload: '1', key: 'a' }, { payload: '2', key: 'a' }, { payload: '3' }]);
    await waitFor(() => program.output().split('"outcome":"delivered"').length === 4, {
      timeout: 30_000,
      what: program.output,
    });
    program.process.kill('SIGINT');
    expect(await program.ended).to.equal(0);
    const lines = program
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).to.include({ msg: 'begun' });
    expect(lines[0].subscription).to.match(/-default-local-./);
    expect(lines.at(-2)).to.include({ msg: 'ended', delivered: 3, undelivered: 0 });
    expect(lines.at(-1)).to.include({ msg: 'subscription left', subscription: lines[0].subscription });
    expect(sample.requests.map(({ body }) => body.toString())).to.have.members(['1', '2', '3']);
    const { subscriptions } = await pulsarAdmin(pulsar()).stats(topic);
    expect(Object.values(subscriptions)[0]).to.include({ msgBacklog: 0 });
  });

  it('calls the function through the proxy of the environment, and names one that is none', async () => {
    const proxy = await startForwardProxy();
    try {
      const url = `http://function.example:${sample.port}/`;
      const program = await startRun(['--function', url], { HTTP_PROXY: proxy.url });
      await publish(pulsar(), topic, [{ payload: '1' }]);
      await waitFor(() => sample.requests.length === 1, { what: program.output });
      expect(proxy.asked).to.deep.equal([`POST ${url}`]);
    } finally {
      await proxy.close();
    }
    const wrong = start('bin/kubectl-trigger.js', ['run', '-f', manifest], { HTTPS_PROXY: 'socks5://me:pass@proxy' });
    expect(await wrong.ended).to.equal(1);
    expect(wrong.output()).to.include('HTTPS_PROXY is "socks5://').and.not.include('me:pass');
  });

  it("takes the cluster's records only when told to", async () => {
    const program = await startRun(['--as-deployed', '--log-format', 'pretty']);
    expect(Object.keys((await pulsarAdmin(pulsar()).stats(topic)).subscriptions)).to.deep.equal([`${topic}-default`]);
    await publish(pulsar(), topic, [{ payload: 'hello' }]);
    await waitFor(() => / delivered 204 in \S+ hello/.test(program.output()), {
      timeout: 30_000,
      what: program.output,
    });
    program.process.kill('SIGTERM');
    expect(await program.ended).to.equal(0);
    expect(program.output()).to.include(`subscription ${topic}-default (Failover`).and.to.include(': 1 delivered');
    expect(program.output()).not.to.include('The broker keeps records');
  });

  it('waits for a running call on the first Ctrl-C and ends at once on the second', async () => {
    sample.respond(() => () => undefined);
    const program = await startRun(['--log-format', 'pretty']);
    await publish(pulsar(), topic, [{ payload: 'never answered' }]);
    await waitFor(() => sample.requests.length === 1, { what: 'the call' });
    program.process.kill('SIGINT');
    await waitFor(() => program.output().includes('Stopping: 1 running'), { timeout: 30_000, what: program.output });
    expect(program.process.exitCode).to.equal(null);
    // A second signal that comes at once counts as the first.
    const again = setInterval(() => program.process.kill('SIGINT'), 50);
    expect(await program.ended).to.equal(130);
    clearInterval(again);
  });

  for (const [what, accept] of [
    ['is silent', () => {}],
    ['closes each connection', (socket: Socket) => socket.end()],
    ['resets each connection', (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    it(`says in a few seconds that a broker which ${what} is not connected, and on Ctrl-C never that it is`, async () => {
      silent = await listen(accept);
      await edit(new URL(pulsar().wsUrl).host, `127.0.0.1:${silent.port}`);
      await endsUnconnected('SIGINT');
    });
  }

  it('exits 0 on SIGTERM while a port is closed, having said why', async () => {
    await edit(new URL(pulsar().wsUrl).host, '127.0.0.1:1');
    await endsUnconnected('SIGTERM');
  });

  async function endsUnconnected(signal: NodeJS.Signals): Promise<void> {
    const program = startPretty();
    await waitFor(() => program.output().includes('not connected to the source why='), {
      timeout: 30_000,
      what: program.output,
    });
    program.process.kill(signal);
    expect(await program.ended).to.equal(0);
    expect(program.output()).not.to.match(/^connected/im);
    expect(program.output()).to.match(/: 0 delivered$/m);
    expect(program.output()).not.to.include('The broker keeps records');
  }

  it('stops as on Ctrl-C when nobody reads what it prints any more', async () => {
    const program = await startRun();
    program.process.stdout?.destroy();
    await publish(pulsar(), topic, [{ payload: '1' }]);
    expect(await program.ended).to.equal(0);
    expect(program.output()).not.to.include('EPIPE');
  });

  it('says once that a connection is lost, of however many topics, and that it stands again', async () => {
    await edit(`"topic":"persistent://public/default/${topic}"`, `"topics":["${topic}","${topic}-b","${topic}-c"]`);
    for (const more of ['b', 'c']) await pulsarAdmin(pulsar()).createTopic(`${topic}-${more}`);
    const broker = new URL(pulsar().wsUrl);
    link = await startLink('127.0.0.1', Number(broker.port));
    await edit(broker.host, `127.0.0.1:${link.port}`);
    const program = startPretty();
    const count = (line: RegExp) =>
      program
        .output()
        .split('\n')
        .filter((each) => line.test(each)).length;
    await waitFor(() => count(/^connected to the source$/) === 1, { timeout: 30_000, what: program.output });
    link.cut();
    await waitFor(() => count(/^connected to the source$/) === 2, { timeout: 30_000, what: program.output });
    expect(count(/broke without a goodbye/)).to.equal(1);
    expect(count(/connected/)).to.equal(3);
    program.process.kill('SIGINT');
    expect(await program.ended).to.equal(0);
  });

  it('shows one failure of a function that is dead, and then how many more there are', async () => {
    await edit(sample.url, 'http://127.0.0.1:1');
    const program = await startRun(['--log-format', 'pretty']);
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
    await publish(
      pulsar(),
      topic,
      keys.map((key) => ({ payload: `for ${key}`, key })),
    );
    await waitFor(() => / \d\d+ more attempts failed: The function refused/.test(program.output()), {
      timeout: 30_000,
      what: program.output,
    });
    program.process.kill('SIGINT');
    expect(await program.ended).to.equal(0);
    expect(program.output().match(/ for k\d+$/gm)).to.have.length(1);
    expect(program.output()).to.match(/failed in \S+: The function refused the connection .* for k\d+$/m);
    expect(program.output()).to.match(/: 0 delivered.*; failed attempts: ConnectionRefused \d+$/m);
  });

  it('warns of triggers that take records from each other, and names the one that a line is about', async () => {
    const first = JSON.parse(await readFile(manifest, 'utf8'));
    first.spec.pulsar.subscription = { name: 'common' };
    const second = { ...first, metadata: { name: `${topic}-b` } };
    await writeFile(manifest, `${JSON.stringify(first)}\n---\n${JSON.stringify(second)}`);
    const program = startPretty();
    await waitFor(() => program.output().split('connected to the source trigger=').length === 3, {
      timeout: 30_000,
      what: program.output,
    });
    program.process.kill('SIGINT');
    expect(await program.ended).to.equal(0);
    expect(program.output()).to.match(/^warn: PulsarTrigger default\/\S+ and PulsarTrigger default\/\S+-b consume /m);
  });

  it('says what a stop waits for that takes long', async () => {
    const broker = new URL(pulsar().wsUrl);
    link = await startLink('127.0.0.1', Number(broker.port));
    await edit(broker.host, `127.0.0.1:${link.port}`);
    const program = await startRun(['--log-format', 'pretty']);
    const answered = Promise.withResolvers<void>();
    sample.respond(() => answered.promise.then(() => answer(204)));
    await publish(pulsar(), topic, [{ payload: 'slow' }]);
    await waitFor(() => sample.requests.length === 1, { what: 'the call' });
    program.process.kill('SIGINT');
    await waitFor(() => program.output().includes(`waits for 1 running call to ${sample.url}`), {
      timeout: 30_000,
      what: program.output,
    });
    link.block();
    answered.resolve();
    await waitFor(() => program.output().includes(`waits for ws://127.0.0.1:${link?.port} to close the connection`), {
      timeout: 30_000,
      what: program.output,
    });
    program.process.kill('SIGINT');
    expect(await program.ended).to.equal(130);
  });

  it('demonstrates itself until Ctrl-C', async () => {
    const { adminUrl, adminToken } = pulsar();
    const env = { PULSAR_URL: adminUrl, ...(adminToken !== undefined && { PULSAR_TOKEN: adminToken }) };
    const program = start('cli/demo.ts', [], env);
    const shows = () => program.output().split(' delivered 204 ').length > 6;
    await waitFor(shows, { timeout: 30_000, what: () => `six deliveries; it printed: ${program.output()}` });
    program.process.kill('SIGINT');
    expect(await program.ended).to.equal(0);
    expect(program.output()).to.match(
      /PulsarTrigger default\/hello: \d+ delivered; failed attempts: ServiceUnavailable \d+\n$/,
    );
    expect(program.output()).not.to.include('undelivered');
  });
});

interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Does nothing with a connection but what it is told to. */
async function listen(accept: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A server that listens on a port has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
