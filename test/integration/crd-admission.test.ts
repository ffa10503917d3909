/** A real API server and `parseTrigger` take and refuse the same triggers. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { pulsarTrigger } from '../../api/kinds/pulsar-trigger.ts';
import { parseTrigger } from '../../api/trigger.ts';
import type { ApiObject } from '../servers/kubernetes/admin.ts';
import { installCrds } from '../servers/kubernetes/crds.ts';
import { useKubernetes } from '../servers/kubernetes/shared.ts';
import { anySpec } from '../support/specs.ts';

const GOOD = new URL('../corpus/good/', import.meta.url);
const BAD = new URL('../corpus/bad/', import.meta.url);

describe('crd.yaml in an API server', function () {
  this.timeout(60_000);
  const kubernetes = useKubernetes();
  let definitions: readonly ApiObject[];
  let namespace: string;

  before(async () => {
    definitions = await installCrds(kubernetes());
    namespace = await kubernetes().namespace();
  });

  it('is established, with schemas that are structural', () => {
    expect(definitions.map(({ spec }) => spec.names.kind)).to.include('PulsarTrigger');
    for (const { status } of definitions) {
      const conditions = Object.fromEntries(
        status.conditions.map(({ type, status }: { type: string; status: string }) => [type, status]),
      );
      expect(conditions).to.deep.equal({ NamesAccepted: 'True', Established: 'True' });
    }
  });

  it('is applied again without a change', async () => {
    const again = await installCrds(kubernetes());
    expect(again.map(({ metadata }) => metadata.generation)).to.deep.equal(
      definitions.map(({ metadata }) => metadata.generation),
    );
  });

  for (const name of readdirSync(GOOD)) {
    it(`takes ${name}`, async () => {
      expect(await create(read(GOOD, name))).to.deep.equal({ status: 201 });
    });
  }

  for (const name of readdirSync(BAD)) {
    const text = read(BAD, name);
    // What a definition can't express is for `parseTrigger`; each such manifest says why.
    const [isTaken, reason] = /^# an API server takes it(?:: (.+))?$/m.exec(text) ?? [];
    if (isTaken) {
      it(`leaves ${name} to parseTrigger: ${reason}`, async () => {
        expect(reason).to.be.a('string');
        expect(await create(text)).to.deep.equal({ status: 201 });
      });
      continue;
    }
    it(`refuses ${name} with field and sentence`, async () => {
      const { status, message } = await create(text);
      expect(status).to.be.within(400, 422);
      expect(message).to.match(/\w+ \w+/);
      const [, paths = ''] = /^# problems: ?(.*)$/m.exec(text) ?? [];
      const fields = paths.split(', ').filter((path) => path.startsWith('spec'));
      // An object of another type, or of none, is refused before its fields are looked at.
      if (status === 422 && fields.length > 0) expect(fields.some((field) => message?.includes(field))).to.equal(true);
    });
  }

  it('agrees with parseTrigger on any spec', async () => {
    const verdicts = new Map<boolean, number>();
    await fc.assert(
      fc.asyncProperty(anySpec(pulsarTrigger), async (spec) => {
        const trigger = { apiVersion: 'kubeless.io/v1', kind: 'PulsarTrigger', metadata: { name: 't' }, spec };
        const parsed = parseTrigger(trigger);
        const isTaken = 'trigger' in parsed;
        const { status, message } = await create(JSON.stringify(trigger));
        expect(status === 201, JSON.stringify({ message, ...parsed })).to.equal(isTaken);
        verdicts.set(isTaken, (verdicts.get(isTaken) ?? 0) + 1);
      }),
      { numRuns: 400, seed: 20_200_507, endOnFailure: true },
    );
    for (const verdict of [true, false]) expect(verdicts.get(verdict), String(verdict)).to.be.above(50);
  });

  it('shows triggers in columns, of which a trigger without a status has the age alone', async () => {
    const { applyYaml, kubectl } = kubernetes();
    await applyYaml(read(GOOD, 'original-minimal.yaml').replace('namespace: default', `namespace: ${namespace}`));
    const [head, row] = (await kubectl('get', 'pulsartriggers', '--namespace', namespace)).trimEnd().split('\n');
    expect(head?.split(/ {2,}/)).to.deep.equal(['NAME', 'READY', 'REASON', 'SOURCE', 'FUNCTION', 'REPLICAS', 'AGE']);
    expect(row).to.match(/^mytrigger +\d+s$/);
  });

  /** Creates it without keeping it, strictly, as the YAML that it is: `yes` is true then, as it is for kubectl. */
  async function create(text: string): Promise<{ status: number; message?: string }> {
    const manifest = load(text) as { metadata?: { namespace?: string } } | null | undefined;
    const own = manifest?.metadata?.namespace;
    const body = own === undefined || own.includes('.') ? text : text.replace(`namespace: ${own}`, '');
    const answer = await kubernetes().admin.request(
      'POST',
      `/apis/kubeless.io/v1/namespaces/${own?.includes('.') ? own : namespace}/pulsartriggers`,
      { body, contentType: 'application/yaml', query: { dryRun: 'All', fieldValidation: 'Strict' } },
    );
    if (answer.status === 201) return { status: 201 };
    return { status: answer.status, message: (JSON.parse(answer.text) as { message: string }).message };
  }
});

function read(folder: URL, name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}
