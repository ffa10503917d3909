import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { problemText } from '../../../api/problem-text.ts';
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

/** The field is the subject, or stands before a colon and a sentence. */
const SENTENCE = /^(\S+: [^:]*\b(is|are|has|keeps|exclude)\b|(\S+ )?(is|isn't|has) )/;

/** The value at a path that a problem names. */
function offending(object: unknown, path: string): unknown {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  return steps.reduce<unknown>((value, step) => (value as Readonly<Record<string, unknown>> | null)?.[step], object);
}

/** Whether a value already is what a cure tells to write, for all forms in which a cure says that. */
function isMet(cure: string, value: unknown): boolean {
  const [, schemes] = /^Write a URL that begins with ([^.]*)\.$/.exec(cure) ?? [];
  if (schemes !== undefined) return schemes.split(' or ').some((scheme) => String(value).startsWith(scheme));
  const [, fields] = /^Write an object with one of the fields ([^.]*)\.$/.exec(cure) ?? [];
  if (fields !== undefined) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && fields.split(', ').filter((field) => Object.hasOwn(value, field)).length === 1;
  }
  const [, words] = /^Write one of ([^.]*)\.$/.exec(cure) ?? [];
  if (words !== undefined) return words.split(', ').some((word) => word === value);
  const [, whole, low, high] = /^Write a (whole )?number from (\d+) to (\d+)\.$/.exec(cure) ?? [];
  if (low !== undefined) {
    const isNumber = whole === undefined ? Number.isFinite(value) : Number.isInteger(value);
    return isNumber && Number(value) >= Number(low) && Number(value) <= Number(high);
  }
  const [, least, most, pattern] = /^Write text of (\d+) to (\d+) characters(?: that match (.*))?\.$/.exec(cure) ?? [];
  if (least !== undefined) {
    const isText = typeof value === 'string' && value.length >= Number(least) && value.length <= Number(most);
    return isText && (pattern === undefined || new RegExp(pattern).test(value));
  }
  const [, fewest, many] = /^Write a list of (\d+) to (\d+) entries\.$/.exec(cure) ?? [];
  if (fewest !== undefined) {
    return Array.isArray(value) && value.length >= Number(fewest) && value.length <= Number(many);
  }
  if (cure === 'Write true or false.') return typeof value === 'boolean';
  if (cure.startsWith('Write an object')) return typeof value === 'object' && value !== null && !Array.isArray(value);
  return false;
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
      for (const problem of problems) {
        const { path, message, cure } = problem;
        expect(problemText(problem)).to.match(SENTENCE);
        expect(message).to.match(/^\S.*\S$/);
        expect(cure).to.match(/^[A-Z].*[.?]$/);
        expect(isMet(cure, offending(load(text), path)), `${path} ${message}: ${cure}`).to.equal(false);
        expect(`${message} ${cure}`).not.to.include('hunter2').and.not.to.include('undefined');
      }
    });
  }

  it('has enough of them', () => {
    expect(readdirSync(BAD)).to.have.length.of.at.least(35);
  });
});
