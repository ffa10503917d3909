import { expect } from 'chai';
import type { FilterSpec } from '../../../api/trigger.ts';
import { compileFilter } from '../../../dispatcher/filter.ts';
import { dataOf } from '../../../dispatcher/payload-data.ts';

const EVENT = { id: '1:2', source: '/orders', type: 'order.paid', subject: 'orders/7', tenant: 'acme' };
const DATA = { amount: 5, lines: [{ sku: 'a' }], note: null };

const NEITHER: FilterSpec = { cel: "event.missing == 'x'" };
const YES: FilterSpec = { exact: { type: 'order.paid' } };
const NO: FilterSpec = { exact: { type: 'order.sent' } };

describe('compileFilter', () => {
  for (const [what, attributes, data] of [
    ['an attribute', { type: 'order.paid', constructor: 'x' }, '{"ok":true}'],
    ['the payload', { type: 'order.paid' }, '{"constructor":"x","ok":true}'],
    ['the payload, with an escape', { type: 'order.paid' }, '{"\\u0063onstructor":{},"ok":true}'],
    ['an object in the payload', { type: 'order.paid' }, '{"lines":[{"constructor":[]}],"ok":true}'],
  ] as const) {
    it(`judges records in which ${what} is named constructor like all others`, () => {
      const judge = (expression: string) => {
        let undecided = 0;
        const passes = compileFilter([{ cel: expression }], () => undecided++);
        return [passes(attributes, () => dataOf(Buffer.from(data))), undecided];
      };
      expect(judge("event.type == 'order.sent'")).to.deep.equal([false, 0]);
      expect(judge('data.ok && data.lines.all(line, line.sku == 1.0)')[0], 'an expression that fails').to.equal(true);
      expect(judge('!data.ok')).to.deep.equal([false, 0]);
    });
  }

  const cases: readonly (readonly [string, readonly FilterSpec[], boolean])[] = [
    ['no filter passes everything', [], true],
    ['exact', [YES], true],
    ['exact differs', [NO], false],
    ['exact is case-sensitive', [{ exact: { type: 'Order.paid' } }], false],
    ['exact needs every attribute', [{ exact: { type: 'order.paid', tenant: 'other' } }], false],
    ['an attribute that is absent never matches', [{ prefix: { region: 'e' } }], false],
    ['an attribute is not looked for in the prototype', [{ prefix: { constructor: 'f' } }], false],
    ['prefix', [{ prefix: { type: 'order.', subject: 'orders/' } }], true],
    ['prefix differs', [{ prefix: { type: 'paid' } }], false],
    ['suffix', [{ suffix: { type: '.paid' } }], true],
    ['suffix differs', [{ suffix: { type: 'order' } }], false],
    ['several filters must all pass', [YES, NO], false],
    ['all', [{ all: [YES, { suffix: { id: '2' } }] }], true],
    ['all with one that fails', [{ all: [YES, NO] }], false],
    ['any', [{ any: [NO, YES] }], true],
    ['any with none', [{ any: [NO, NO] }], false],
    ['not', [{ not: NO }], true],
    ['not of one that passes', [{ not: YES }], false],
    ['nested', [{ not: { any: [NO, { all: [YES, NO] }] } }], true],
    ['cel on attributes', [{ cel: "event.type.startsWith('order.') && event.tenant == 'acme'" }], true],
    ['cel is false', [{ cel: "event.tenant == 'other'" }], false],
    ['cel on data', [{ cel: 'data.amount > 3 && data.lines.exists(line, line.sku == "a")' }], true],
    ['cel on data is false', [{ cel: 'data.amount == 6' }], false],
    ['cel may ask whether an attribute is there', [{ cel: 'has(event.missing)' }], false],
    ['cel that fails passes', [NEITHER], true],
    ['cel that fails, negated, passes', [{ not: NEITHER }], true],
    ['cel that fails beside a filter that decides', [NEITHER, NO], false],
    ['cel that fails inside any that is decided', [{ not: { any: [NEITHER, YES] } }], false],
    ['cel that gives no truth value passes', [{ cel: 'data.amount' }], true],
  ];
  for (const [name, filters, passes] of cases) {
    it(name, () => {
      expect(compileFilter(filters)(EVENT, () => DATA)).to.equal(passes);
    });
  }

  it('does not read the data unless an expression needs it', () => {
    const passes = compileFilter([YES, { cel: "event.type == 'order.paid' || data.amount == 1" }]);
    const unread = () => {
      throw new Error('the data was read');
    };
    expect(passes(EVENT, unread)).to.equal(true);
    expect(compileFilter([{ cel: 'data == null' }])(EVENT, () => undefined)).to.equal(true);
  });

  it('passes an event whose data cannot be parsed', () => {
    const unparsable = () => JSON.parse('{');
    expect(compileFilter([{ cel: 'data.amount == 6' }])(EVENT, unparsable)).to.equal(true);
  });

  it('parses the data of a record once, for all expressions and all that they read', () => {
    let parsed = 0;
    const data = () => {
      parsed += 1;
      return { list: [1, 2, 3], a: 1 };
    };
    const filters = [{ cel: 'data.list.all(i, data.list.exists(j, data.a <= i + j))' }, { cel: 'data.a == 1.0' }];
    expect(compileFilter(filters)(EVENT, data)).to.equal(true);
    expect(parsed).to.equal(1);
    const unparsable = () => {
      parsed += 1;
      throw new Error('too large');
    };
    expect(compileFilter(filters)(EVENT, unparsable)).to.equal(true);
    expect(parsed).to.equal(2);
  });

  it('passes an event on which its expressions take too many steps together, and says so', () => {
    const list = Array.from({ length: 1000 }, () => 1);
    let undecided = 0;
    const judge = (filters: readonly FilterSpec[], length: number) =>
      compileFilter(filters, () => {
        undecided += 1;
      })(EVENT, () => ({ list: list.slice(0, length) }));
    const never: FilterSpec = { cel: 'data.list.exists(i, i > 1.0)' };
    expect(judge([never], 1000)).to.equal(false);
    expect(judge([{ not: never }, { not: never }, { not: never }, never], 100)).to.equal(false);
    expect(undecided).to.equal(0);
    expect(judge([{ not: never }, { not: never }, { not: never }, never], 1000)).to.equal(true);
    expect(undecided).to.equal(1);
    expect(judge([never, never, never, NO], 1000), 'another filter decides').to.equal(false);
    expect(undecided).to.equal(1);
  });

  it('takes no error of the budget for one that || may overlook', () => {
    const list = Array.from({ length: 200 }, () => ({}));
    const filter = compileFilter([{ cel: 'data.list.all(i, data.list.exists(j, j.a == i.b)) && false' }]);
    expect(filter(EVENT, () => ({ list }))).to.equal(true);
  });

  it('passes an event whose data is deeper than the stack', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level += 1) deep = [deep];
    for (const cel of ['data.deep == [data.deep]', 'data.deep == data.other', 'data.deep in [data.other]']) {
      expect(() => compileFilter([{ cel }])(EVENT, () => ({ deep, other: structuredLike(deep) }))).not.to.throw();
    }
  });
});

/** As deep, and another one. */
function structuredLike(deep: unknown): unknown {
  let copy: unknown = 1;
  for (let at = deep; Array.isArray(at); at = at[0]) copy = [copy];
  return copy;
}
