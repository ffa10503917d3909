import { expect } from 'chai';
import { readValues, renderReadme } from '../../../scripts/chart-readme.ts';

const YAML = `
# Not documentation.
group:
  # -- The first, which
  # takes two lines.
  first: 1
  deeper:
    # -- A whole object.
    second:
      inside: true
  third: undocumented
# -- A list | with a bar.
fourth: []
`;

describe('readValues', () => {
  it('reads path, default and description of the values that have one', () => {
    expect(readValues(YAML)).to.deep.equal([
      { path: 'group.first', default: '1', description: 'The first, which takes two lines.' },
      { path: 'group.deeper.second', default: '{"inside":true}', description: 'A whole object.' },
      { path: 'fourth', default: '[]', description: 'A list | with a bar.' },
    ]);
  });

  it('takes no comment for a value that is separated from it', () => {
    expect(readValues('# -- Of nothing.\n\na: 1\n')).to.deep.equal([]);
  });
});

describe('renderReadme', () => {
  it('makes a row of each value, with bars escaped', () => {
    const page = renderReadme(YAML, { kubeVersion: '>=1.30.0-0' });
    expect(page).to.include('| `group.first` | `1` | The first, which takes two lines. |');
    expect(page).to.include('A list \\| with a bar.');
    expect(page).to.include('Needs Kubernetes >=1.30.0.');
  });
});
