import { expect } from 'chai';
import type { Schema } from '../../../api/check.ts';
import { withoutNulls } from '../../../api/nulls.ts';

const TEXT: Schema = { type: 'string' };
const OPEN: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

describe('fields without a value', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      text: TEXT,
      open: OPEN,
      list: { type: 'array', items: { type: 'object', properties: { text: TEXT } } },
      inner: { type: 'object', properties: { text: TEXT } },
    },
  };

  for (const [what, value, left] of [
    ['go where the schema knows them', { text: null, inner: null }, {}],
    ['go at any depth', { inner: { text: null }, list: [{ text: null }] }, { inner: {}, list: [{}] }],
    ['stay where the schema leaves the object open', { open: { text: null } }, { open: { text: null } }],
    ['stay where the schema does not know them, to be told of', { other: null }, { other: null }],
    ['stay in lists', { list: [null] }, { list: [null] }],
    ['do not hide a name that every object has', { constructor: null }, { constructor: null }],
    ['are not looked for in what is no object', 'text', 'text'],
  ] as const) {
    it(what, () => {
      expect(withoutNulls(schema, value)).to.deep.equal(left);
    });
  }
});
