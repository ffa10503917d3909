import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { REASONS } from '../../../../controller/status/reasons.ts';

const page = readFileSync(new URL('../../../../docs/conditions.md', import.meta.url), 'utf8');

/** The part of the page about a condition, from its heading to the next of the same rank. */
const sectionOf = (type: string) => page.split(/^## /m).find((section) => section.startsWith(`${type}\n`)) ?? '';

/** The reasons that a part explains: first cells of rows whose last cell says what to do. */
const explained = (section: string) =>
  [...section.matchAll(/^\| `(\w+)` \|.*\| \S[^|]*\. \|$/gm)].map(([, reason]) => reason);

describe('docs/conditions.md', () => {
  for (const [type, reasons] of Object.entries(REASONS)) {
    it(`explains every reason of ${type}, with what to do`, () => {
      // What the dispatcher says of a source is explained once, under Ready.
      const section = type === 'SourceConnected' ? sectionOf(type) + sectionOf('Ready') : sectionOf(type);
      expect(explained(section)).to.include.members([...new Set(reasons)]);
    });
  }

  it('explains nothing that does not exist', () => {
    const known = new Set<string>(Object.values(REASONS).flat());
    expect(explained(page).filter((reason) => reason === undefined || !known.has(reason))).to.deep.equal([]);
    const headings = [...page.matchAll(/^## (\w+)$/gm)].map(([, heading]) => heading);
    expect(headings).to.deep.equal(Object.keys(REASONS));
  });
});
