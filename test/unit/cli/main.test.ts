import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { main } from '../../../cli/main.ts';
import { recordedTerminal } from './recorded-terminal.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const GOOD =
  'apiVersion: kubeless.io/v1\nkind: PulsarTrigger\nmetadata: {name: a}\nspec: {pulsar: {topic: t, broker: "ws://b"}, kubeless: {function: "http://f"}}\n';
const BAD = GOOD.replace('topic: t', 'topic: 5').replace('http://f', 'f');

async function command(args: readonly string[], input?: string) {
  const terminal = recordedTerminal(input);
  const exitCode = await main(args, { version: '1.2.3', terminal });
  const { printed, complaints } = terminal;
  return { exitCode, printed, complaints, all: [...printed, ...complaints].join('\n') };
}

describe('kubectl-trigger', () => {
  it('prints its version and its help', async () => {
    expect(await command(['--version'])).to.include({ exitCode: 0, all: '1.2.3' });
    const help = await command(['--help']);
    expect(help.exitCode).to.equal(0);
    expect(help.all).to.include('validate').and.to.include('run');
  });

  it('says which command or option it does not know', async () => {
    const wrong = await command(['valdate']);
    expect(wrong.exitCode).to.equal(1);
    expect(wrong.all).to.include("unknown command 'valdate'").and.to.include('validate');
    expect((await command(['validate'])).all).to.include("'-f, --file <path>' not specified");
    expect((await command(['run', '-f', '-', '--log-format', 'xml'])).all).to.include('json, pretty');
    expect((await command(['run', '-f', '-', '--function', 'f'])).all).to.include("doesn't begin with http://");
  });

  it('repeats no password of what it refuses', async () => {
    const url = 'http://me:hunter2@host';
    const refused: readonly (readonly string[])[] = [
      ['run', '-f', '-', '--function', 'http://me:hunter2@host:99999'],
      ['run', '-f', '-', '--function', 'me:hunter2@host'],
      ['run', '-f', '-', `--functoin=${url}`],
      ['run', '-f', '-', `--functoin=${url}`.replace('hunter2', "it's=hunter2")],
      ['run', '-f', '-', '--log-format', url],
      [url],
      ['validate', '-f', `${url}/orders.yaml`],
    ];
    for (const args of refused) {
      const { exitCode, all } = await command(args, GOOD);
      expect([exitCode, all.includes('hunter2')], all).to.deep.equal([1, false]);
    }
    expect((await command(['run', '-f', '-', '--function', url.replace('http', 'ftp')])).all).to.equal(
      'kubectl-trigger: --function is "ftp://[secret]@host": it doesn\'t begin with http:// or https://. ' +
        'Write a URL such as http://127.0.0.1:8081.',
    );
    expect((await command(['render', '-f', url])).all).to.include('is a URL, and only files are read');
  });

  it('ends without a word when what reads its output has read enough, and says that a disk is full', async () => {
    const run = (line: string) =>
      promisify(execFile)('/bin/sh', ['-c', line], {
        env: { node: process.execPath, cli: join(ROOT, 'bin/kubectl-trigger.js'), examples: join(ROOT, 'examples') },
      });
    const render = '"$node" "$cli" render -f "$examples"';
    expect(await run(`${render} | true`)).to.deep.equal({ stdout: '', stderr: '' });
    const full = await run(`${render} >/dev/full`).catch((error: unknown) => error);
    expect(full).to.deep.include({ code: 1, stdout: '' });
    expect(full)
      .property('stderr')
      .match(/^kubectl-trigger: the output can't be written: ENOSPC: .*\n$/);
  });

  it('starts from a checkout', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'bin/kubectl-trigger.js'), '--version']);
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it("is kubectl's plugin where bin/ is on the PATH, or a link to it, whatever Node.js the machine has", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plugin-'));
    writeFileSync(join(folder, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    symlinkSync(join(ROOT, 'bin/kubectl-trigger'), join(folder, 'kubectl-trigger'));
    for (const bin of [join(ROOT, 'bin'), folder]) {
      const env = { PATH: [bin, folder, '/usr/bin', '/bin'].join(':') };
      const { stdout } = await promisify(execFile)('kubectl-trigger', ['--version'], { env });
      expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    }
    rmSync(folder, { recursive: true });
  });
});

describe('kubectl-trigger validate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'validate-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  after(() => rmSync(folder, { recursive: true }));

  it('has a line for each trigger that is right, and exits 0', async () => {
    const { exitCode, all } = await command(
      ['validate', '-f', '-'],
      `${GOOD}---\n${GOOD.replace('name: a', 'name: b')}`,
    );
    expect(exitCode).to.equal(0);
    expect(all).to.equal(
      'standard input, document 1: PulsarTrigger default/a is right\nstandard input, document 2: PulsarTrigger default/b is right',
    );
  });

  it('warns of what is most likely a mistake, and takes it', async () => {
    const { exitCode, printed, complaints } = await command(
      ['validate', '-f', '-'],
      GOOD.replace('topic: t', 'topic: orders-.*'),
    );
    expect([exitCode, printed.length]).to.deep.equal([0, 1]);
    expect(complaints).to.have.lengthOf(1);
    expect(complaints[0]).to.match(/warning: spec\.pulsar\.topic is "orders-\.\*".* list the topics in topics\./);
  });

  it('takes every example', async () => {
    const { exitCode, printed } = await command(['validate', '-f', join(ROOT, 'examples')]);
    expect(exitCode).to.equal(0);
    expect(printed).to.have.length(readdirSync(join(ROOT, 'examples')).length);
  });

  it('says every problem of every document of every file at once, and exits 1', async () => {
    const first = write('first.yaml', `${BAD}---\n# nothing here\n---\na: [\n---\n${BAD}`);
    const second = write('second.yaml', BAD);
    const { exitCode, complaints } = await command(['validate', '-f', first, '-f', second]);
    expect(exitCode).to.equal(1);
    expect(complaints).to.deep.equal([
      `${first}, document 1:`,
      ...problemsOfBad,
      `${first}, document 2:`,
      '  is not YAML: unexpected end of the stream within a flow collection at line 8, column 5',
      '    Correct it there; indent with spaces.',
      `${first}, document 3:`,
      ...problemsOfBad,
      `${second}, document 1:`,
      ...problemsOfBad,
      '7 problems.',
    ]);
  });

  const problemsOfBad = [
    "  spec.pulsar.topic is 5, which isn't text of 1 to 4096 characters",
    '    Write text of 1 to 4096 characters.',
    '  spec.kubeless.function is "f": it doesn\'t begin with http:// or https://',
    '    Write a URL that begins with http:// or https://.',
  ];

  it('leaves objects of other APIs alone', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {token: hunter2}\n';
    const { exitCode, all } = await command(['validate', '-f', '-'], `${secret}---\n${GOOD}`);
    expect(exitCode).to.equal(0);
    expect(all).to.include('Secret is not a trigger').and.not.to.include('hunter2');
    expect((await command(['validate', '-f', '-'], secret)).exitCode).to.equal(1);
  });

  it('reads the items of a list, and JSON', async () => {
    const item = JSON.stringify({
      apiVersion: 'kubeless.io/v1',
      kind: 'PulsarTrigger',
      metadata: { name: 'a' },
      spec: { pulsar: { topic: 't', broker: 'ws://b' }, kubeless: { function: 'http://f' } },
    });
    const { exitCode, printed } = await command(['validate', '-f', '-'], `{"kind":"List","items":[${item},${item}]}`);
    expect(exitCode).to.equal(0);
    expect(printed).to.have.length(2);
  });

  it('warns of text that kubectl reads as something else, and reads it so', async () => {
    const text = `${GOOD.trim().slice(0, -1)}, paused: on, scaling: {replicas: 010}}\n`;
    const { exitCode, complaints } = await command(['validate', '-f', '-'], `\n${text}`);
    expect(exitCode).to.equal(0);
    expect(complaints).to.deep.equal([
      'standard input, document 1: warning: line 5: on is true, here and for kubectl; quote it to mean text',
      'standard input, document 1: warning: line 5: 010 is 8, here and for kubectl; quote it to mean text',
    ]);
    const word = await command(['validate', '-f', '-'], GOOD.replace('topic: t', 'topic: no'));
    expect(word.all).to.include('line 4: no is false').and.to.include('spec.pulsar.topic is false');
  });

  it('warns of nothing where a file mode or another kind is meant', async () => {
    const mode = GOOD.trim().replace(
      /\}$/,
      ', deployment: {spec: {template: {spec: {volumes: [{name: v, secret: {secretName: s, defaultMode: 0440}}]}}}}}',
    );
    const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: on, b: 1_0}\n';
    const { exitCode, complaints } = await command(['validate', '-f', '-'], `${mode}\n---\n${map}`);
    expect([exitCode, complaints]).to.deep.equal([0, []]);
  });

  it('names both lines of a key that is there twice', async () => {
    const { exitCode, all } = await command(['validate', '-f', '-'], `# a\n${GOOD}kind: PulsarTrigger\n`);
    expect(exitCode).to.equal(1);
    expect(all).to.include('line 6 has the key "kind", which line 3 has already\n    Keep one of them.');
  });

  it('prints no number that may be a token', async () => {
    const token = GOOD.replace('topic: t', 'topic: t, auth-token: 0123_4567_0123_4567');
    const { all } = await command(['validate', '-f', '-'], `${token}---\n${GOOD}x: 98765432109876543\n`);
    expect(all).to.include('line 4: a number of 19 characters is read as such');
    expect(all).to.include('line 10 has a number of 17 characters');
    expect(all).not.to.match(/4567|9876|5744/);
  });

  it('answers at once when a manifest has aliases of aliases, or many values', async () => {
    const levels = (level: (n: number) => string) => Array.from({ length: 11 }, (_, n) => level(n)).join(', ');
    const withDeployment = (text: string) => GOOD.trim().replace(/\}$/, `, deployment: {z0: &z0 {a: 1}, ${text}}}\n`);
    const aliases = levels((n) => `z${n + 1}: &z${n + 1} [${Array(9).fill(`*z${n}`)}]`);
    const merges = levels((n) => `z${n + 1}: &z${n + 1} {b: [${Array(9).fill(`*z${n}`)}], <<: *z${n}}`);
    const start = process.cpuUsage();
    for (const text of [aliases, merges]) {
      const { exitCode, all } = await command(['validate', '-f', '-'], withDeployment(text));
      expect(exitCode).to.equal(1);
      expect(all).to.include('Use fewer aliases (*name).');
    }
    expect((await command(['validate', '-f', '-'], '- yes\n'.repeat(20_000))).exitCode).to.equal(1);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6, 'CPU seconds').to.be.below(3);
  });

  it('says what it cannot read', async () => {
    expect((await command(['validate', '-f', join(folder, 'none')])).all).to.include('does not exist');
    expect((await command(['validate', '-f', '-'], '# nothing\n')).all).to.include('standard input:\n  is empty');
    const missing = await command(['validate', '-f', mkdtempSync(join(folder, 'empty-'))]);
    expect(missing.all).to.include('has no .yaml, .yml or .json file');
  });

  it('never prints the line that holds a mistake, which may be a token', async () => {
    const { all } = await command(['validate', '-f', '-'], 'auth-token: "hunter2\n');
    expect(all).to.include('is not YAML').and.not.to.include('hunter2');
  });

  it('prints no stack for anything in the corpus', async () => {
    const { exitCode, all } = await command(['validate', '-f', join(ROOT, 'test/corpus/bad')]);
    expect(exitCode).to.equal(1);
    expect(all).not.to.match(/\n\s+at /);
    expect(all).not.to.include('hunter2');
  });
});
