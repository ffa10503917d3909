import { expect } from 'chai';
import { waitFor } from '../../support/wait-for.ts';
import { type FakePipeline, REJECTED, RETRY } from './fake-pipeline.ts';
import { keyed, QUICK_RETRY as retry, useFakePipeline } from './use-fake-pipeline.ts';

describe('Pipeline', () => {
  const { begin: start, make, running } = useFakePipeline();
  let fake: FakePipeline;
  const begin = async (...options: Parameters<typeof start>) => {
    fake = await start(...options);
  };

  describe('acks (invariant 1)', () => {
    it('acks what was delivered, once, and nothing before', async () => {
      await begin();
      const [delivery] = fake.arrive('1');
      await running('1');
      expect(delivery?.acks).equals(0);
      fake.answer('1');
      await waitFor(() => delivery?.acks === 1, { what: 'the ack' });
      expect(fake.pipeline.status()).include({ delivered: 1, records: 0 });
    });

    it('acks what is filtered out, unsent', async () => {
      await begin({}, { filter: ({ position }) => position !== '1' });
      const [first] = fake.arrive('1', '2');
      await running('2');
      expect(first?.acks).equals(1);
      expect(fake.pipeline.status().filtered).equals(1);
    });

    it('tries again for as long as it takes what fails or is rejected, where there is no limit and no dead letter', async () => {
      await begin();
      let attempts = 0;
      fake.autoAnswer = () => (++attempts > 12 ? { kind: 'delivered' } : attempts % 2 ? RETRY : REJECTED);
      const [delivery] = fake.arrive('1');
      await waitFor(() => delivery?.acks === 1, { what: 'the ack' });
      expect(attempts).equals(13);
      expect(fake.pipeline.status().failures).eql({ InternalServerError: 6, BadRequest: 6 });
    });

    it('puts what is rejected into the dead letter at once, and acks it when it is stored', async () => {
      await begin({}, { withDeadLetter: true });
      fake.storeOutcome = RETRY;
      const [delivery] = fake.arrive('1');
      await running('1');
      fake.answer('1', REJECTED);
      await waitFor(() => fake.stored.length > 2, { what: 'attempts to store it' });
      expect(delivery?.acks).equals(0);
      fake.storeOutcome = { kind: 'delivered' };
      await waitFor(() => delivery?.acks === 1, { what: 'the ack' });
      expect(fake.stored[0]?.failure).include({ reason: 'BadRequest', attempts: 1 });
      expect(fake.pipeline.status()).include({ deadLettered: 1, delivered: 0 });
    });

    it('goes to the dead letter at the limit, or lets go where there is none', async () => {
      await begin({ retry: { ...retry, maxAttempts: 3 } }, { withDeadLetter: true });
      fake.autoAnswer = () => RETRY;
      const [delivery] = fake.arrive('1');
      await waitFor(() => delivery?.acks === 1, { what: 'the ack' });
      expect(fake.sent).lengthOf(3);
      expect(fake.stored[0]?.failure.attempts).equals(3);
      await fake.pipeline.stop();
      await begin({ retry: { ...retry, maxAttempts: 2 } });
      fake.autoAnswer = () => RETRY;
      const [second] = fake.arrive('1');
      await waitFor(() => second?.acks === 1, { what: 'the ack' });
      expect(fake.pipeline.status()).include({ dropped: 1, delivered: 0 });
    });
  });

  describe('order (invariant 2)', () => {
    it('lets other keys go on while one waits for its retry, and keeps the order of that one', async () => {
      await begin({ retry: { ...retry, initialDelay: 60_000, maxDelay: 60_000 } });
      fake.arrive(keyed('1', 'a'), keyed('2', 'a'), keyed('3', 'b'));
      await running('1', '3');
      fake.answer('1', RETRY);
      fake.arrive(keyed('4', 'b'));
      fake.answer('3');
      await running('4');
      expect(fake.pipeline.status()).include({ retrying: 1 });
    });

    it('gives records without a key one lane a partition, and none its own lane each', async () => {
      await begin();
      fake.arrive('1', '2', ['1', { partition: 'q' }]);
      await running('1', '1');
      for (const call of [...fake.calls]) call.answer();
      await running('2');
      fake.answer('2');
      await fake.pipeline.stop();
      await begin({ order: 'none' });
      fake.arrive(keyed('1', 'a'), keyed('2', 'a'));
      await running('1', '2');
    });

    it('keeps a whole partition in order where that is asked for', async () => {
      await begin({ order: 'partition' });
      fake.arrive(keyed('1', 'a'), keyed('2', 'b'));
      await running('1');
    });
  });

  describe('bounds (invariant 3)', () => {
    it('reads no more than the buffer holds, says Blocked with the oldest key, and drains in order', async () => {
      await begin({ buffer: { records: 8, bytes: 64 * 1024 * 1024 }, retry });
      fake.autoAnswer = ({ key }) => (key === 'bad' ? RETRY : { kind: 'delivered' });
      const bad = Array.from({ length: 20 }, (_, index) => keyed(String(index + 1), 'bad'));
      fake.arrive(...bad, keyed('50', 'good'));
      await waitFor(() => fake.pipeline.status().blocked, { what: 'Blocked' });
      const { blocked, records } = fake.pipeline.status();
      expect(records).most(8);
      expect(fake.unread).least(12);
      expect(blocked).include({ key: 'bad', position: '1', partition: 'p' });
      expect(blocked?.records).equals(records);
      fake.sent.length = 0;
      fake.autoAnswer = () => ({ kind: 'delivered' });
      await waitFor(() => fake.sent.includes('50'), { what: 'the rest' });
      const inOrder = [...new Set(fake.sent)].filter((position) => position !== '50').map(Number);
      expect(inOrder).eql([...inOrder].sort((a, b) => a - b));
      await waitFor(() => fake.pipeline.status().delivered === 21, { what: 'all' });
      expect(fake.pipeline.status().blocked).equals(undefined);
    });

    it('holds no slot for a record that waits', async () => {
      await begin({ maxInFlight: 1, retry: { ...retry, initialDelay: 60_000, maxDelay: 60_000 } });
      fake.arrive(keyed('1', 'a'), keyed('2', 'b'));
      await running('1');
      fake.answer('1', RETRY);
      await running('2');
    });
  });

  it('goes past a key whose first call hangs, however many of its records come first', async () => {
    let now = 0;
    await begin({ buffer: { records: 40_000, bytes: 64 * 1024 * 1024 } }, { now: () => now });
    const hot = Array.from({ length: 3000 }, (_, index) => keyed(String(index + 1), 'hot'));
    const others = Array.from({ length: 50 }, (_, index) => keyed(String(index + 4000), `other${index}`));
    fake.arrive(...hot, ...others);
    await running('1');
    expect(fake.unread).least(2000);
    fake.autoAnswer = () => ({ kind: 'delivered' });
    now = 20_000;
    await waitFor(() => fake.pipeline.status().delivered === 50, { what: 'the others' });
    expect(fake.running).eql(['1']);
  });

  it('takes 1,000 records in while each key has some waiting, and says that they wait for one another', async () => {
    await begin({ buffer: { records: 40_000, bytes: 64 * 1024 * 1024 } });
    fake.autoAnswer = () => ({ kind: 'delivered' });
    fake.arrive(['1', { partition: 'quiet' }]);
    await waitFor(() => fake.pipeline.status().delivered === 1, { what: 'a partition that is quiet then' });
    fake.autoAnswer = undefined;
    fake.arrive(...Array.from({ length: 3000 }, (_, index) => String(index + 1)));
    await waitFor(() => fake.pipeline.status().unkeyedSerial === true, { what: 'the hint' });
  });

  describe('redelivery and rewind (invariant 5)', () => {
    it('acks the newest delivery of a record that arrives again while it is in hand, and sends it once', async () => {
      await begin();
      const [old] = fake.arrive('1');
      await running('1');
      const [newest] = fake.arrive('1');
      await waitFor(() => fake.unread === 0, { what: 'the second arrival to be read' });
      fake.answer('1');
      await waitFor(() => newest?.acks === 1, { what: 'the ack' });
      expect([old?.acks, fake.sent.length]).eql([0, 1]);
    });

    it('acks again, unsent, what was acked a moment ago', async () => {
      await begin();
      fake.autoAnswer = () => ({ kind: 'delivered' });
      fake.arrive('1', '2');
      await waitFor(() => fake.pipeline.status().delivered === 2, { what: 'both' });
      const [again] = fake.arrive('1');
      await waitFor(() => again?.acks === 1, { what: 'the second ack' });
      expect(fake.sent).eql(['1', '2']);
    });

    it('drops what is queued, awaits what runs without counting it, and begins anew', async () => {
      let now = 0;
      await begin({}, { now: () => now });
      fake.autoAnswer = () => ({ kind: 'delivered' });
      fake.arrive(keyed('1', 'a'));
      await waitFor(() => fake.pipeline.status().delivered === 1, { what: 'the first' });
      fake.autoAnswer = undefined;
      const [running3, queued4] = fake.arrive(keyed('3', 'a'), keyed('4', 'a'));
      await running('3');
      now = 60_000;
      fake.arrive(keyed('1', 'a'), keyed('3', 'a'), keyed('4', 'a'));
      await waitFor(() => fake.unread === 0, { what: 'the rewind to be read' });
      expect(fake.running, 'awaited').eql(['3']);
      fake.answer('3');
      for (const position of ['1', '3', '4']) {
        await running(position);
        fake.answer(position);
      }
      await waitFor(() => fake.pipeline.status().records === 0, { what: 'all' });
      expect([running3?.acks, queued4?.acks]).eql([0, 0]);
      expect(fake.sent).eql(['1', '3', '1', '3', '4']);
      expect(fake.pipeline.status().bytes).equals(0);
    });
  });

  describe('hand-over', () => {
    it('resolves a revocation when what runs has ended and is acked, and starts nothing more of it', async () => {
      await begin();
      const [first, second] = fake.arrive('1', '2', ['1', { partition: 'q' }]);
      await running('1', '1');
      let handedOver = false;
      const revoked = fake.events?.revoked(['p']).then(() => {
        handedOver = true;
      });
      expect(handedOver).equals(false);
      fake.answer('1');
      await revoked;
      expect([first?.acks, second?.acks]).eql([1, 0]);
      expect(fake.running).eql(['1']);
      expect(fake.pipeline.status().records).equals(1);
      fake.arrive('2');
      await running('1', '2');
    });

    it('aborts calls of a lost partition and acks nothing of it', async () => {
      await begin();
      const [first] = fake.arrive('1', '2', ['7', { partition: 'q' }]);
      await running('1', '7');
      fake.events?.lost(['p']);
      await running('7');
      await waitFor(() => fake.pipeline.status().records === 1, { what: 'its records to be released' });
      expect(first?.acks).equals(0);
    });
  });

  describe('time-outs', () => {
    it('aborts a call at its time-out and tries again', async () => {
      await begin({ timeout: 20 });
      fake.arrive('1');
      await waitFor(() => (fake.pipeline.status().failures.Timeout ?? 0) >= 2, { what: 'two time-outs' });
      fake.autoAnswer = () => ({ kind: 'delivered' });
      await waitFor(() => fake.pipeline.status().delivered === 1, { what: 'the delivery' });
    });
  });

  describe('stop (invariant 6)', () => {
    it('waits for what runs, acks it, starts nothing more, then closes source and sinks', async () => {
      await begin({}, { withDeadLetter: true });
      const [first, second] = fake.arrive('1', '2');
      await running('1');
      const stopped = fake.pipeline.stop();
      expect(fake.pipeline.stop(), 'again').equals(stopped);
      expect(fake.closed).eql([]);
      fake.answer('1');
      await stopped;
      expect([first?.acks, second?.acks]).eql([1, 0]);
      expect(fake.sent).eql(['1']);
      expect(fake.closed).eql(['source', 'sink', 'dead letter']);
    });

    it('aborts at the end of the grace period what still runs, and acks none of it', async () => {
      await begin({ timeout: 30 });
      const [delivery] = fake.arrive('1');
      await running('1');
      await fake.pipeline.stop();
      expect(delivery?.acks).equals(0);
    });

    it('does not wait for records that wait for their retry', async () => {
      await begin({ retry: { ...retry, initialDelay: 60_000, maxDelay: 60_000 } });
      const [delivery] = fake.arrive('1');
      await running('1');
      fake.answer('1', RETRY);
      await waitFor(() => fake.pipeline.status().retrying === 1, { what: 'the wait' });
      await fake.pipeline.stop();
      expect(delivery?.acks).equals(0);
    });

    it('finishes producer batches that were begun, with what stands before them', async () => {
      await begin({ maxInFlight: 2 });
      const batch = { id: 'b', size: 2 };
      fake.arrive(
        ['1', { batch, key: 'a' }],
        keyed('2', 'c'),
        keyed('3', 'b'),
        ['4', { batch, key: 'b' }],
        keyed('5', 'a'),
      );
      await running('1', '2');
      fake.answer('1');
      await running('2', '3');
      const stopped = fake.pipeline.stop();
      await waitFor(() => fake.running.join() === '2,3', { what: 'the same' });
      fake.answer('3');
      await running('2', '4');
      fake.answer('2');
      fake.answer('4');
      await stopped;
      expect(fake.sent).eql(['1', '2', '3', '4']);
    });

    it('does not wait for a long line of one key, which would come again all the same', async () => {
      await begin({ maxInFlight: 2, buffer: { records: 1000, bytes: 64 * 1024 * 1024 } });
      const batch = (n: number) => ({ batch: { id: `b${n}`, size: 2 } });
      fake.arrive(
        ...Array.from({ length: 150 }, (_, n): [string, object][] => [
          [String(2 * n + 1), { ...batch(n), key: 'slow' }],
          [String(2 * n + 2), { ...batch(n), key: `k${n}` }],
        ]).flat(),
      );
      await running('1', '2');
      const others = () => fake.running.find((position) => position !== '1');
      for (let position = await waitFor(others, { what: 'one' }); fake.sent.length < 140; ) {
        fake.answer(position);
        position = await waitFor(others, { what: 'the next' });
      }
      const stopped = fake.pipeline.stop();
      const sent = fake.sent.length;
      for (const call of [...fake.calls]) call.answer();
      await stopped;
      expect(fake.sent.length).equals(sent);
    });

    it('stops while it connects', async () => {
      fake = make();
      const started = fake.pipeline.start();
      await fake.pipeline.stop();
      await started;
    });
  });

  it('reads nothing while the trigger is paused, and stays connected', async () => {
    await begin({}, { paused: true });
    fake.arrive('1');
    await new Promise((resolve) => setImmediate(resolve));
    expect(fake.unread).equals(1);
    expect(fake.pipeline.status()).include({ connected: true, paused: true });
  });
});
