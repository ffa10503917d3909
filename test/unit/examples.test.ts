import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import { parseTrigger } from '../../api/trigger.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);

describe('examples', () => {
  for (const name of readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml'))) {
    it(`${name} is right`, () => {
      const documents = loadAll(readFileSync(new URL(name, EXAMPLES), 'utf8'));
      expect(documents).not.to.have.length(0);
      for (const document of documents) expect(parseTrigger(document)).to.have.property('trigger');
    });
  }
});
