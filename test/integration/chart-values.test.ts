import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { readValues } from '../../scripts/chart-readme.ts';
import { CHART, manifests } from '../support/helm.ts';
import { useHelm } from '../support/use-helm.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

const yaml = readFileSync(join(CHART, 'values.yaml'), 'utf8');
const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
const documented = readValues(yaml).map(({ path }) => path);
/** Helm's: what all charts share, and what the condition in a parent's Chart.yaml usually names. */
const OF_DEPENDENCIES = ['global', 'enabled'];
/** Documented values, and the groups that they are in. */
const known = [
  ...new Set(documented.flatMap((path) => path.split('.').map((_, n, all) => all.slice(0, n + 1).join('.')))),
];

describe('the values of the chart', function () {
  this.timeout(20_000);
  const helm = useHelm();

  it('are all documented', () => {
    expect(
      leaves(load(yaml)).filter((path) => !documented.some((each) => `${path}.`.startsWith(`${each}.`))),
    ).to.deep.equal([]);
  });

  it('are all in the schema, and the schema has no others but those of a dependency', () => {
    expect(known.filter((path) => schemaOf(path) === undefined)).to.deep.equal([]);
    expect(pathsOf(schema).filter((path) => !known.includes(path) && !OF_DEPENDENCIES.includes(path))).to.satisfy(
      (others: string[]) =>
        // What a documented value is made of.
        others.every((path) => documented.some((each) => path.startsWith(`${each}.`))),
    );
  });

  for (const path of known) {
    it(`refuse another type for ${path}`, async () => {
      const wrong = wrongValue(valueAt(load(yaml), path));
      const problem = await refusal(path, wrong);
      expect(problem).to.include(`/${path.replaceAll('.', '/')}`);
    });
  }

  for (const path of ['', ...pathsOf(schema).filter((each) => schemaOf(each)?.additionalProperties === false)]) {
    it(`refuse an unknown name ${path === '' ? 'among them' : `in ${path}`}`, async () => {
      expect(await refusal(path === '' ? 'replicas' : `${path}.unknown`, true)).to.match(/additional propert/i);
    });
  }

  it('have their defaults where they are empty: text, numbers and switches, each and in groups', async () => {
    const texts = documented.filter((path) => typeof valueAt(load(yaml), path) !== 'object');
    const groups = known.filter((path) => !documented.includes(path) && path !== 'dispatcher' && path !== 'dashboard');
    const wanted = await helm()('template', 'kpt', CHART);
    for (const paths of [texts, groups, ['dispatcher'], ['global']]) expect(await withEmpty(paths)).to.equal(wanted);
  });

  it('are empty lists and maps where they are empty', async () => {
    const collections = documented.filter((path) => typeof valueAt(load(yaml), path) === 'object');
    const deployment = manifests(await withEmpty(collections)).find(({ kind }) => kind === 'Deployment');
    expect(deployment?.metadata.labels).to.have.property('app.kubernetes.io/instance', 'kpt');
    expect(deployment?.spec.template.spec.containers[0]).not.to.have.any.keys('resources', 'securityContext');
  });

  function withEmpty(paths: readonly string[]): Promise<string> {
    return helm()('template', 'kpt', CHART, ...paths.flatMap((path) => ['--set-json', `${path}=null`]));
  }

  const BAD: readonly [path: string, value: unknown][] = [
    ['replicaCount', -1],
    ['replicaCount', 1.5],
    ['image.pullPolicy', 'Sometimes'],
    ['image.repository', ''],
    ['image.repository', 'controller:1.0.0'],
    ['nameOverride', 'With Capitals'],
    ['watchNamespaces', ['a,b']],
    ['watchNamespaces', ['a', 'a']],
    ['maxRollouts', 0],
    ['logLevel', 'loud'],
    ['timezone', ''],
    ['imagePullSecrets', ['registry']],
    ['extraEnv', [{ value: 'nameless' }]],
    ['commonLabels', { team: 7 }],
    ['serviceMonitor.interval', '30'],
    ['resources.limits', { cpu: true }],
  ];
  for (const [path, value] of BAD) {
    it(`refuse ${path} ${JSON.stringify(value)}`, async () => {
      expect(await refusal(path, value)).to.include(path.split('.')[0]);
    });
  }

  async function refusal(path: string, value: unknown): Promise<string> {
    const set = `${path}=${JSON.stringify(value)}`;
    const answer = await helm()('template', 'kpt', CHART, '--set-json', set).then(
      () => '',
      (error) => String(error),
    );
    if (answer === '') throw new Error(`${set} was taken`);
    return answer;
  }
});

function wrongValue(value: unknown): unknown {
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'object') return 'text';
  return 7;
}

function valueAt(values: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (isObject(at) ? at[key] : undefined), values);
}

function schemaOf(path: string): Schema | undefined {
  return path.split('.').reduce<Schema | undefined>((at, key) => at?.properties?.[key], schema);
}

function pathsOf({ properties = {} }: Schema): readonly string[] {
  return Object.entries(properties).flatMap(([key, child]) => [key, ...pathsOf(child).map((path) => `${key}.${path}`)]);
}

function leaves(value: unknown): readonly string[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    isObject(child) && Object.keys(child).length > 0 ? leaves(child).map((path) => `${key}.${path}`) : [key],
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
