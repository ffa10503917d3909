/** What is judged of names and types without an API server, beside what a real one says. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { judgeRefusal } from '../../../controller/apply-failure.ts';
import { checkFields } from '../../../controller/render/fields.ts';
import { parseKubernetesQuantity } from '../../../controller/render/kubernetes-quantity.ts';
import { definition, type Type } from '../../../controller/render/kubernetes-types.ts';
import { pathOf } from '../../../controller/render/places.ts';
import { type OpenApi, renderDeploymentFields } from '../../../scripts/published-fields.ts';
import { useKubernetes } from '../../servers/kubernetes/shared.ts';
import { IMPOSSIBLE, MISTAKES, UNKNOWN_NAMES } from '../../support/refused-overrides.ts';
import { givenOf, merging, type Overridden, rendered } from '../../support/rendered.ts';
import { deploymentPath } from './stored.ts';

const FILE = new URL('../../../controller/render/deployment-fields.yaml', import.meta.url);

describe('the names and types that overrides are judged by', function () {
  this.timeout(120_000);
  const kubernetes = useKubernetes();
  let namespace = '';

  before(async () => {
    namespace = await kubernetes().namespace();
  });

  it('are those of the API server; "npm run deployment-fields" takes them over', async () => {
    const published = await kubernetes().admin.get<OpenApi>('/openapi/v3/apis/apps/v1');
    expect(renderDeploymentFields(published)).equals(readFileSync(FILE, 'utf8'));
  });

  for (const [given, path] of [...MISTAKES, ...UNKNOWN_NAMES, ...IMPOSSIBLE]) {
    it(`are refused by the API server too: ${path}`, async () => {
      const answer = await dryRun(merged(given));
      expect(answer).property('status').at.least(400);
      expect(judgeRefusal(answer)).include({ reason: 'InvalidDeployment', retry: 'never' });
    });
  }

  it('are judged as the API server judges them, at every field of a Deployment', async () => {
    const { deployment } = rendered({ namespace, uid: undefined });
    const changes = [...everyField({ is: 'object', definition: 'Deployment' }, [], new Set())];
    expect(changes).to.have.length.of.at.least(500);
    const wrong: string[] = [];
    const next = async (): Promise<void> => {
      const change = changes.pop();
      if (change === undefined) return;
      const changed = withChange(deployment, change);
      const { status, message } = await dryRun(changed);
      const { mistakes, unknown } = checkFields(changed, pathOf);
      const isFound = mistakes.length + unknown.length > 0;
      // What the server says with a 422 is of more than names and types.
      if (status === 201 ? isFound : status !== 422 && !isFound) wrong.push(`${describeChange(change)}: ${message}`);
      return next();
    };
    await Promise.all(Array.from({ length: 8 }, next));
    expect(wrong).eql([]);
  });

  it('take the quantities that the API server takes', async () => {
    const amounts = ['1', '.', '-', '1.', '.5', '+1.5', '-2', '007', '1..5', '1.2.3', '', ' 1', '1\n', '1_0'];
    const units = [
      '',
      'm',
      'k',
      'K',
      'Ki',
      'Mi',
      'E',
      'Ti',
      'Pi',
      'Ei',
      'n',
      'e3',
      'e-9',
      'e-10',
      'e-010',
      'e+10',
      'E-3',
      'e',
      'B',
      'MB',
      'e1.5',
      ' Gi',
      'e9999',
    ];
    const quantities = amounts.flatMap((amount) => units.map((unit) => `${amount}${unit}`));
    const { deployment } = rendered({ namespace, uid: undefined });
    const wrong: string[] = [];
    const next = async (): Promise<void> => {
      const sizeLimit = quantities.pop();
      if (sizeLimit === undefined) return;
      const place = ['spec', 'template', 'spec', 'volumes', 0, 'emptyDir', 'sizeLimit'];
      const { status, message } = await dryRun(withChange(deployment, { place, value: sizeLimit }));
      if ((status === 500) === (parseKubernetesQuantity(sizeLimit) !== undefined))
        wrong.push(`${sizeLimit}: ${message}`);
      return next();
    };
    await Promise.all(Array.from({ length: 8 }, next));
    expect(wrong).eql([]);
  });

  function merged(given: Overridden): unknown {
    const result = merging({ namespace, uid: undefined, ...givenOf(given) });
    if ('problems' in result) throw new Error(JSON.stringify(result.problems));
    return result.unsigned;
  }

  async function dryRun(body: unknown): Promise<{ status: number; reason: string; message: string }> {
    const { status, text } = await kubernetes().admin.request('PATCH', deploymentPath(namespace, 'orders-pulsar'), {
      body,
      query: { fieldManager: 'kubeless-triggers', force: 'true', dryRun: 'All' },
      contentType: 'application/apply-patch+yaml',
    });
    const { reason = '', message = 'taken' } = JSON.parse(text);
    return { status, reason, message };
  }
});

/** A value, or its absence, at one place. */
interface Change {
  readonly place: readonly (string | number)[];
  readonly value: unknown;
}

/** Ours to set, or never taken in the pods of a Deployment. */
const LEFT_OUT = ['managedFields', 'ownerReferences', 'selector', 'ephemeralContainers', 'apiVersion', 'kind'];
const WRONG: Readonly<Record<Type['is'], readonly unknown[]>> = {
  object: ['x'],
  map: [[]],
  list: [{}],
  enum: ['Bogus', ''],
  string: [5],
  boolean: ['true'],
  int32: [1.5],
  int64: ['5'],
  quantity: ['1 Gi', true],
  'int-or-string': [1.5, true],
  time: [5],
  any: [],
};

/** One definition is gone through once, wherever it is. */
function* everyField(type: Type, place: Change['place'], seen: Set<string>): Generator<Change> {
  if (type.is === 'map') return yield* everyField(type.of, [...place, 'a'], seen);
  if (type.is === 'list') return yield* everyField(type.of, [...place, 0], seen);
  if (type.is !== 'object' || seen.has(type.definition)) return;
  seen.add(type.definition);
  const { fields, required } = definition(type.definition);
  for (const [name, field] of Object.entries(fields)) {
    if (LEFT_OUT.includes(name)) continue;
    const here = [...place, name];
    if (required.includes(name) && place.length > 3) yield { place: here, value: undefined };
    for (const value of WRONG[field.is]) yield { place: here, value };
    if (field.is === 'map') yield { place: [...here, 'a'], value: {} };
    if (field.is === 'list') for (const entry of [null, 'x']) yield { place: here, value: [entry] };
    yield* everyField(field, here, seen);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a test writes into objects of any shape
type Any = any;

/** With samples of whatever the place needs on the way to it. */
function withChange(deployment: unknown, { place, value }: Change): unknown {
  const changed: Any = structuredClone(deployment);
  let inner = changed;
  let type: Type = { is: 'object', definition: 'Deployment' };
  for (const [at, part] of place.slice(0, -1).entries()) {
    type = typeBelow(type, part);
    // An entry of ours would keep what it has.
    if (part === 0 && place[at - 1] !== 'containers') inner.unshift(sample(type, ''));
    inner[part] ??= sample(type, String(place[at - 1]));
    inner = inner[part];
  }
  const last = place.at(-1) ?? '';
  if (value === undefined) delete inner[last];
  else inner[last] = value;
  return changed;
}

function typeBelow(type: Type, part: string | number): Type {
  if (type.is === 'map' || type.is === 'list') return type.of;
  const below = type.is === 'object' ? definition(type.definition).fields[part] : undefined;
  if (below === undefined) throw new Error(`there is nothing at ${part}`);
  return below;
}

/** The least that a value of the type can be. */
function sample(type: Type, name: string): unknown {
  if (type.is === 'map') return { a: sample(type.of, 'a') };
  if (type.is === 'list') return [sample(type.of, name)];
  if (type.is === 'enum') return type.values.find(Boolean);
  if (type.is === 'boolean') return true;
  if (type.is === 'string') return /path/i.test(name) ? '/x' : 'x';
  if (type.is !== 'object') return type.is === 'quantity' ? '1' : type.is === 'time' ? '2024-01-01T00:00:00Z' : 1;
  const { fields, required } = definition(type.definition);
  const needed = required.map((field) => [field, sample(typeBelow(type, field), field)]);
  return { ...Object.fromEntries(needed), ...('image' in fields && 'command' in fields && { image: 'x' }) };
}

function describeChange({ place, value }: Change): string {
  return `${place.join('.')} = ${JSON.stringify(value)}`;
}
