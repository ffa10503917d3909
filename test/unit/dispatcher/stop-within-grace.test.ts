/** The longest stop there can be, on a clock of the test's own, against the grace period of the pod that is rendered. */
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { parseDuration } from '../../../common/duration.ts';
import { TIMING } from '../../../dispatcher/sources/pulsar/timing.ts';
import { parts } from '../../support/rendered.ts';
import { fakeDelivery } from './fake-delivery.ts';
import { FakePipeline } from './fake-pipeline.ts';

const never = () => new Promise<never>(() => {});
const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, TIMING.closing));
/** Milliseconds of a step of the clock, and those that have to be left of the grace period. */
const STEP = 250;
const LEFT = 2_000;

describe('a stop ends within the grace period', () => {
  let passed: number;

  beforeEach(() => {
    passed = 0;
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  });
  afterEach(() => mock.timers.reset());

  async function settle(): Promise<void> {
    for (let turns = 0; turns < 5; turns += 1) await turn();
  }

  for (const [what, closeSource, closeSink] of [
    ['the broker answers no closing handshake', slowly, async () => {}],
    ['the source never closes', never, async () => {}],
    ['neither source nor sink ever closes', never, never],
  ] as const) {
    for (const timeout of ['1s', '180s', '5m', '24h']) {
      it(`with calls of ${timeout} that never end, and where ${what}`, async () => {
        const grace = Number(parts({ spec: { delivery: { timeout } } }).pod.terminationGracePeriodSeconds) * 1000;
        let begun = false;
        let read = false;
        const { pipeline } = new FakePipeline(
          { timeout: parseDuration(timeout) ?? 0 },
          {
            now: () => passed,
            source: {
              connect: async (events) => events.state(true),
              read: async (_, signal) => {
                if (!read) {
                  read = true;
                  return [fakeDelivery('1')];
                }
                return new Promise((__, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
              },
              close: closeSource,
            },
            sink: {
              send: () => {
                begun = true;
                return never();
              },
              close: closeSink,
            },
          },
        );
        await pipeline.start();
        await settle();
        expect(begun).to.equal(true);

        let stopped = false;
        void pipeline.stop().then(() => {
          stopped = true;
        });
        while (!stopped && passed < grace) {
          mock.timers.tick(STEP);
          passed += STEP;
          await settle();
        }
        expect(stopped).to.equal(true);
        expect(passed).to.be.at.most(grace - LEFT);
      });
    }
  }
});
