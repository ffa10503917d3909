import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import Type from 'typebox';
import { kinds } from '../../../api/kinds/index.ts';
import { pulsarTrigger } from '../../../api/kinds/pulsar-trigger.ts';
import { renderPage } from '../../../scripts/configuration-page.ts';
import { ORIGINAL_VARIABLES, VARIABLES } from '../../../scripts/environment.ts';

const ROOT = new URL('../../../', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

describe('docs/configuration.md', () => {
  it('is fresh (npm run configuration)', () => {
    const page = renderPage({ kinds, variables: VARIABLES, originalVariables: ORIGINAL_VARIABLES });
    expect(read('docs/configuration.md')).to.equal(page);
  });

  it('has every variable that the dispatcher reads', () => {
    const page = read('docs/configuration.md');
    const code = read('dispatcher/config.ts') + read('dispatcher/original-environment.ts');
    const names = code.match(/\b(TRIGGER|PULSAR|KUBELESS|ERROR_BACKOFF|SECRETS|PROBES|LOG)(_[A-Z]+)+\b/g) ?? [];
    const found = names.filter((name) => code.includes(`env.${name}`) || code.includes(`'${name}'`));
    expect(found).to.have.length.of.at.least(10);
    for (const name of found) expect(page).to.include(`\`${name}\``);
  });

  it('throws on a field without a description or a default', () => {
    const page = (field: Type.TSchema) => () =>
      renderPage({
        kinds: [
          { ...pulsarTrigger, spec: Type.Object({ ...pulsarTrigger.spec.properties, extra: Type.Optional(field) }) },
        ],
        variables: [],
        originalVariables: [],
      });
    expect(page(Type.Boolean())).to.throw('spec.extra: it has no description');
    expect(page(Type.Boolean({ description: 'Something.' }))).to.throw('spec.extra: no default is named');
  });
});
