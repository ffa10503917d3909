/** A fake pipeline for each test of a suite, ended after it. */
import { waitFor } from '../../support/wait-for.ts';
import { FakePipeline } from './fake-pipeline.ts';

/** Short pauses, without jitter. */
export const QUICK_RETRY = { policy: 'exponential', initialDelay: 5, maxDelay: 20, step: 5, jitter: 0 } as const;

export const keyed = (position: string, key: string): [string, { key: string }] => [position, { key }];

export function useFakePipeline() {
  let fake: FakePipeline | undefined;
  const current = () => {
    if (fake === undefined) throw new Error('no pipeline yet');
    return fake;
  };

  afterEach(async () => {
    if (fake === undefined) return;
    fake.autoAnswer = () => ({ kind: 'delivered' });
    for (const call of [...fake.calls]) call.answer();
    await fake.pipeline.stop();
  });

  return {
    /** Makes one, which isn't started. */
    make: (...options: ConstructorParameters<typeof FakePipeline>) => {
      fake = new FakePipeline(...options);
      return fake;
    },
    begin: async (...options: ConstructorParameters<typeof FakePipeline>) => {
      fake = new FakePipeline(...options);
      await fake.pipeline.start();
      return fake;
    },
    /** Waits until calls of exactly these positions run. */
    running: (...positions: string[]) =>
      waitFor(() => positions.join() === [...current().running].sort().join(), { what: `exactly ${positions} to run` }),
  };
}
