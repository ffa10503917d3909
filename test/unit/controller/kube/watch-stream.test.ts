import { expect } from 'chai';
import fc from 'fast-check';
import { KubeError } from '../../../../controller/kube/errors.ts';
import { readWatch } from '../../../../controller/kube/watch-stream.ts';
import { collect } from './collect.ts';

const EVENTS = ['ä', '€', '😀', 'plain'].map((name, index) => ({
  type: 'ADDED',
  object: { metadata: { name, uid: name, resourceVersion: String(index) } },
}));
const BYTES = Buffer.from(EVENTS.map((event) => `${JSON.stringify(event)}\n`).join(''));

describe('watch stream', () => {
  it('gives the same events wherever the stream is cut into chunks', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: BYTES.length }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        expect(await collect(readWatch(chunks(at)))).to.deep.equal(EVENTS);
      }),
    );
    const everyByte = Array.from(BYTES, (_, index) => index);
    expect(await collect(readWatch(chunks(everyByte)))).to.deep.equal(EVENTS);
  });

  it('passes over empty lines, and over a line that never ended', async () => {
    const text = `\n${JSON.stringify(EVENTS[0])}\r\n\n{"type":"ADDED","object":{"metadata":{}}}`;
    expect(await collect(readWatch(stream(Buffer.from(text))))).to.deep.equal([EVENTS[0]]);
  });

  const unreadable = ['half a token', '{"type":"ADDED"', '{"type":"ADDED"}', '{"object":{}}', '"text"', 'null', '[1]'];
  for (const line of unreadable) {
    it(`throws InvalidEvent on ${line}, after the events before it, without quoting it`, async () => {
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const event of readWatch(stream(BYTES, Buffer.from(`${line}\n`)))) seen.push(event);
      })();
      const error = await reading.catch((reason) => reason);
      expect(error).to.be.an.instanceOf(KubeError).and.to.include({ status: 0, reason: 'InvalidEvent' });
      expect(error.message).not.to.include(line);
      expect(seen).to.deep.equal(EVENTS);
    });
  }

  it('throws on a line that is longer than allowed, before it is all there', async () => {
    const endless = (async function* () {
      for (;;) yield Buffer.alloc(100, 'a');
    })();
    const error = await collect(readWatch(endless, 1_000)).catch((reason) => reason);
    expect(error.message).to.equal('the watch sent an event of more than 1000 bytes');
  });
});

async function* stream(...pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

function chunks(at: readonly number[]): AsyncGenerator<Buffer> {
  const edges = [0, ...at.toSorted((a, b) => a - b), BYTES.length];
  return stream(...edges.slice(1).map((end, index) => BYTES.subarray(edges[index], end)));
}
