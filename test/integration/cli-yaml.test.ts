/** `kubectl-trigger` and the real kubectl read the same manifests, or ours says why not. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Manifest, readManifests } from '../../cli/manifests.ts';
import { validate } from '../../cli/validate.ts';
import { installCrds } from '../servers/kubernetes/crds.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { ALL_VALUES, REFUSED, STRICTER, TAKEN, VALUES } from '../support/manifest-texts.ts';
import { recordedTerminal } from '../unit/cli/recorded-terminal.ts';

describe('YAML as kubectl reads it', function () {
  this.timeout(60_000);
  const kubernetes = useKubernetes();
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  const file = join(folder, 'manifest.yaml');

  before(() => installCrds(kubernetes()));
  after(() => rmSync(folder, { recursive: true }));

  /** The objects that kubectl would send. */
  async function sent(manifest: string | Buffer): Promise<readonly unknown[]> {
    writeFileSync(file, manifest);
    const flags = ['--dry-run=client', '--validate=false', '--output=json'];
    const output = await kubernetes().kubectl('create', '--filename', file, ...flags);
    return output
      .split(/^(?<=\}\n)(?=\{)/m)
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text))
      .map(withoutNamespace);
  }

  async function read(manifest: string | Buffer): Promise<readonly unknown[]> {
    writeFileSync(file, manifest);
    const noInput = () => Promise.reject(new Error('standard input was read'));
    return (await readManifests([file], noInput)).map(objectOf);
  }

  /** Everything that is said of it. */
  async function complaints(manifest: string | Buffer): Promise<string> {
    const terminal = recordedTerminal(manifest);
    const exitCode = await validate(['-'], { dispatcherImage: 'd', timezone: 'UTC' }, terminal);
    expect(exitCode).equals(1);
    return terminal.complaints.join('\n');
  }

  it(`takes ${VALUES.length} values for the same`, async () => {
    expect(await read(ALL_VALUES)).eql(await sent(ALL_VALUES));
  });

  for (const [name, manifest] of Object.entries(TAKEN)) {
    it(`takes the same from ${name}`, async () => {
      expect(await read(manifest)).eql(await sent(manifest));
    });
  }

  it('takes what kubectl prints of triggers', async () => {
    const namespace = await kubernetes().namespace();
    const example = readFileSync(new URL('../../examples/pulsar-trigger.yaml', import.meta.url), 'utf8');
    await kubernetes().applyYaml(example, '--namespace', namespace);
    for (const output of ['yaml', 'json']) {
      const printed = await kubernetes().kubectl('get', 'pulsartriggers', '--namespace', namespace, '--output', output);
      const terminal = recordedTerminal(printed);
      expect(await validate(['-'], { dispatcherImage: 'd', timezone: 'UTC' }, terminal)).equals(0);
      expect(terminal.printed).lengthOf(1);
    }
  });

  for (const [name, [manifest, pattern]] of Object.entries(REFUSED)) {
    it(`refuses ${name} as kubectl does`, async () => {
      expect(
        await sent(manifest).then(
          () => 'taken',
          () => 'refused',
        ),
      ).equals('refused');
      expect(await complaints(manifest)).matches(pattern);
    });
  }

  for (const [name, [manifest, pattern]] of Object.entries(STRICTER)) {
    it(`says what is doubtful in ${name}, which kubectl takes`, async () => {
      expect(await sent(manifest)).lengthOf.at.least(1);
      expect(await complaints(manifest)).matches(pattern);
    });
  }
});

function objectOf(manifest: Manifest): unknown {
  return 'object' in manifest ? manifest.object : manifest;
}

/** kubectl adds that of its context. */
function withoutNamespace(object: { metadata: { namespace?: string } }): unknown {
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
