import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { parseTrigger } from '../../../api/trigger.ts';

const GOOD = new URL('../../corpus/good/', import.meta.url);
const BAD = new URL('../../corpus/bad/', import.meta.url);

/** The paths in the first line of a bad manifest: `# problems: spec.pulsar, spec.paused`. */
function expectedPaths(text: string): readonly string[] {
  const [, paths] = /^# problems: ?(.*)$/m.exec(text) ?? [];
  if (paths === undefined) throw new Error('the first line must name the problems');
  return paths.split(', ');
}

function problemsOf(text: string) {
  const parsed = parseTrigger(load(text));
  return 'problems' in parsed ? parsed.problems : [];
}

describe('the corpus of manifests', () => {
  for (const name of readdirSync(GOOD)) {
    it(`takes ${name}`, () => {
      expect(problemsOf(readFileSync(new URL(name, GOOD), 'utf8'))).to.deep.equal([]);
    });
  }

  for (const name of readdirSync(BAD)) {
    it(`says all that is wrong with ${name}`, () => {
      const text = readFileSync(new URL(name, BAD), 'utf8');
      const problems = problemsOf(text);
      expect(problems.map(({ path }) => path)).to.have.members(expectedPaths(text));
      for (const { message, cure } of problems) {
        expect(message).to.match(/^\S.*\S$/);
        expect(cure).to.match(/^[A-Z].*[.?]$/);
        expect(`${message} ${cure}`).not.to.include('hunter2').and.not.to.include('undefined');
      }
    });
  }

  it('has enough of them', () => {
    expect(readdirSync(BAD)).to.have.length.of.at.least(35);
  });
});
