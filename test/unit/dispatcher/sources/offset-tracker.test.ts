import { expect } from 'chai';
import fc from 'fast-check';
import { createOffsetTracker, isDone, MAX_PENDING } from '../../../../dispatcher/sources/offset-tracker.ts';

const compare = (a: string, b: string) => Number(a) - Number(b);

describe('OffsetTracker', () => {
  it('has nothing to say before anything was read', () => {
    expect(createOffsetTracker().snapshot()).eql({ pending: [] });
  });

  it('records everything read but for what is pending', () => {
    const tracker = createOffsetTracker();
    for (let position = 0; position < 10; position++) tracker.read(String(position));
    for (const position of [0, 1, 3, 4, 6, 7, 8, 9]) tracker.done(String(position));
    expect(tracker.snapshot()).eql({ through: '9', pending: ['2', '5'] });
  });

  it('keeps `through` lower when too much is pending', () => {
    const tracker = createOffsetTracker();
    for (let position = 0; position < MAX_PENDING * 2; position++) tracker.read(String(position));
    const { through, pending } = tracker.snapshot();
    expect(through).equals(String(MAX_PENDING - 1));
    expect(pending).lengthOf(MAX_PENDING);
  });

  it('keeps a snapshot under its bytes', () => {
    const tracker = createOffsetTracker();
    for (let position = 0; position < 100; position++) tracker.read(String(position).padStart(1000, '0'));
    const { pending } = tracker.snapshot();
    expect(JSON.stringify(pending).length).within(10_000, 16 * 1024);
  });

  it('goes on from a snapshot and passes over what that counts as done', () => {
    const from = { through: '9', pending: ['2', '5'] };
    const tracker = createOffsetTracker(from);
    const again = ['2', '3', '4', '5', '6', '9', '10'].filter((position) => !isDone(from, position, compare));
    expect(again).eql(['2', '5', '10']);
    for (const position of again) tracker.read(position);
    tracker.done('2');
    expect(tracker.snapshot()).eql({ through: '10', pending: ['5', '10'] });
  });

  it('never counts as done what is not, and after a crash repeats only what was not recorded', () => {
    const history = fc.array(fc.record({ read: fc.boolean(), pick: fc.nat() }), { maxLength: 600 });
    fc.assert(
      fc.property(history, (steps) => {
        const tracker = createOffsetTracker();
        const open = new Set<string>();
        let next = 0;
        for (const step of steps) {
          if (step.read) {
            open.add(String(next));
            tracker.read(String(next++));
          } else {
            const done = [...open][step.pick % Math.max(1, open.size)];
            if (done !== undefined) tracker.done(done);
            if (done !== undefined) open.delete(done);
          }
          const snapshot = tracker.snapshot();
          const repeated = Array.from({ length: next }, (_, p) => String(p)).filter(
            (p) => !isDone(snapshot, p, compare),
          );
          expect(repeated).include.members([...open]);
          if (open.size <= MAX_PENDING) expect(repeated).lengthOf(open.size);
        }
      }),
      { numRuns: 50 },
    );
  });
});
