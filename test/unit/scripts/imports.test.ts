/** Each import rule fails when it is broken. */
import { expect } from 'chai';
import { IMPORT_RULES } from '../../../scripts/import-rules.ts';
import { brokenRules, findImports } from '../../../scripts/imports.ts';

describe('import rules', () => {
  const broken: readonly [file: string, source: string, rule: RegExp][] = [
    ['common/backoff.ts', "import type { Trigger } from '../api/trigger.ts';", /common imports nothing of ours/],
    ['api/crd.ts', "import { x } from '../dispatcher/lanes.ts';", /api imports only common/],
    ['controller/main.ts', "import { x } from '../dispatcher/lanes.ts';", /controller imports only api and common/],
    ['dispatcher/main.ts', "export * from '../controller/names.ts';", /dispatcher imports only api and common/],
    ['dispatcher/main.ts', "const x = await import('../cli/run.ts');", /dispatcher imports only api and common/],
    ['dispatcher/main.ts', "import { waitFor } from '../test/support/wait-for.ts';", /dispatcher imports only/],
    ['cli/run.ts', "import { x } from '../controller/names.ts';", /cli imports only/],
    ['controller/render/env.ts', "import { x } from '../kube/client.ts';", /rendering is pure/],
    ['controller/render/env.ts', "import { KubeConfig } from '@kubernetes/client-node';", /rendering is pure/],
    ['cli/run.ts', "import { x } from '../test/servers/pulsar/index.ts';", /cli imports only/],
    ['cli/demo.ts', "import { x } from '../test/support/wait-for.ts';", /the demo imports only/],
    ['dispatcher/sources/pulsar/a.ts', "import { x } from '../../lanes.ts';", /a source imports/],
    ['dispatcher/sources/pulsar/a.ts', "export type { X } from '../kafka/b.ts';", /a source imports/],
    ['dispatcher/sources/pulsar/a.ts', "import { x } from '../../sinks/function/b.ts';", /a source imports/],
    ['dispatcher/sinks/function/a.ts', "import { x } from '../../window.ts';", /a sink imports/],
    ['dispatcher/sinks/function/a.ts', "import { x } from '../s3/b.ts';", /a sink imports/],
    ['dispatcher/dispatcher.ts', "import { x } from './sources/pulsar/index.ts';", /only the registry imports/],
    ['dispatcher/sources/secrets.ts', "import { x } from './pulsar/index.ts';", /only the registry imports/],
    ['cli/run.ts', "const x = () => import('../dispatcher/sinks/function/a.ts');", /only the registry imports/],
    ['dispatcher/sources/index.ts', "const x = import('../sinks/function/a.ts');", /a registry imports only its own/],
    ['dispatcher/sources/index.ts', "import { x } from './pulsar/index.ts';", /lazily/],
    ['dispatcher/sinks/index.ts', "export * from './function/index.ts';", /lazily/],
    ['dispatcher/leases.ts', "import { KubeConfig } from '@kubernetes/client-node';", /client-node/],
    ['dispatcher/sources/kinesis/a.ts', "await import('@kubernetes/client-node');", /client-node/],
    ['cli/run.ts', 'const load = (name: string) => import(name);', /is a literal/],
  ];
  for (const [file, source, rule] of broken) {
    it(`${file}: ${source}`, () => {
      expect(check(file, source)).to.have.lengthOf(1).and.to.have.nested.property('[0]').that.matches(rule);
    });
  }

  it('covers every rule', () => {
    const uncovered = IMPORT_RULES.filter(
      ({ rule }) => !broken.some(([file, source]) => check(file, source).join().includes(rule)),
    );
    expect(uncovered).to.deep.equal([]);
  });

  const kept: readonly [file: string, source: string][] = [
    [
      'common/logger.ts',
      "import { pino } from 'pino';\nimport { join } from 'node:path';\nimport { x } from './secret.ts';",
    ],
    ['api/trigger.ts', "import { x } from '../common/duration.ts';\nimport { y } from './kinds/index.ts';"],
    ['controller/main.ts', "import { KubeConfig } from '@kubernetes/client-node';\nimport { x } from '../api/crd.ts';"],
    ['dispatcher/main.ts', "import { x } from './sources/index.ts';\nimport { y } from '../common/logger.ts';"],
    ['cli/run.ts', "import { x } from '../dispatcher/dispatcher.ts';"],
    ['cli/render.ts', "import { x } from '../controller/render/deployment.ts';"],
    ['controller/render/merge.ts', "import deepmerge from 'deepmerge';\nimport { x } from '../../api/check.ts';"],
    ['cli/demo.ts', "import { x } from '../test/servers/pulsar/shared.ts';\nimport { y } from './run.ts';"],
    ['dispatcher/sources/pulsar/a.ts', "import { x } from '../source.ts';\nimport { y } from './b.ts';"],
    ['dispatcher/sinks/function/a.ts', "import type { X } from '../../outcome.ts';\nimport { y } from '../sink.ts';"],
    ['dispatcher/sources/index.ts', "export const sources = { pulsar: () => import('./pulsar/index.ts') };"],
    ['dispatcher/sinks/index.ts', "import type { X } from './function/index.ts';"],
  ];
  for (const [file, source] of kept) {
    it(`accepts ${file}: ${source.replaceAll('\n', ' ')}`, () => {
      expect(check(file, source)).to.deep.equal([]);
    });
  }

  it('names the line', () => {
    expect(check('api/crd.ts', "import 'node:fs';\n\nimport '../cli/run.ts';")).to.deep.equal([
      'api/crd.ts:3: imports cli/run.ts, but api imports only common',
    ]);
  });
});

function check(file: string, source: string): readonly string[] {
  return brokenRules(findImports(file, source), IMPORT_RULES);
}
