/** What a dispatcher that joins or leaves a subscription costs, by the subscription's type, on a real Pulsar over WebSocket. */
import { expect } from 'chai';
import { pulsarHarness } from '../conformance/pulsar-harness.ts';
import { Scenario } from '../conformance/scenario.ts';
import { late } from '../conformance/source.ts';
import { answer } from '../support/function-server.ts';
import type { Call, Findings } from '../support/ledger.ts';
import { waitFor } from '../support/wait-for.ts';

const RECORDS = 2000;
const KEYS = 100;
const PARTITIONS = 4;
const BUFFER = 64;

/** What the broker's proxy holds of each partition and of all together, what came unread, and what is in hand. */
const HELD = BUFFER * (PARTITIONS + 3);

type Type = 'Failover' | 'Key_Shared' | 'Shared';

interface Change {
  readonly name: string;
  /** Dispatchers before it. */
  readonly before: number;
  readonly make: (scenario: Scenario, start: () => Promise<unknown>) => Promise<unknown>;
}

interface Promised {
  /** The most records that the function sees again. */
  readonly repeats: number;
  /** No call begins while another one of its key is open, and none after a later record of its key. */
  readonly ordered: boolean;
}

const JOINS: Change = { name: 'joins', before: 1, make: (_, start) => start() };
const LEAVES: Change = { name: 'leaves', before: 2, make: ({ dispatchers }) => orFail(dispatchers[1]).stop() };
const IS_KILLED: Change = { name: 'is killed', before: 2, make: ({ dispatchers }) => orFail(dispatchers[1]).kill() };

const PROMISES: readonly (readonly [Type, Change, Promised])[] = [
  ['Failover', JOINS, { repeats: HELD, ordered: false }],
  ['Failover', LEAVES, { repeats: 0, ordered: true }],
  ['Failover', IS_KILLED, { repeats: BUFFER, ordered: true }],
  ['Key_Shared', JOINS, { repeats: 0, ordered: true }],
  ['Key_Shared', LEAVES, { repeats: 0, ordered: true }],
  ['Key_Shared', IS_KILLED, { repeats: BUFFER, ordered: true }],
  ['Shared', JOINS, { repeats: 0, ordered: false }],
  ['Shared', LEAVES, { repeats: 0, ordered: false }],
  ['Shared', IS_KILLED, { repeats: BUFFER, ordered: false }],
];

describe('a second dispatcher of a Pulsar subscription', function () {
  this.timeout(240_000);

  for (const [type, change, promised] of PROMISES) {
    it(`that ${change.name}, ${type}: nothing is lost, ${wordsOf(promised)}`, async () => {
      const { findings, overlaps } = await run(type, change);
      expect(findings).to.deep.include({ lost: [], confused: [], unknown: [] });
      expect(findings.duplicates).to.be.at.most(promised.repeats);
      if (!promised.ordered) return;
      expect(overlaps).to.deep.equal([]);
      expect(findings).to.deep.include({ inversions: [], concurrent: [] });
    });
  }
});

async function run(type: Type, change: Change): Promise<{ findings: Findings; overlaps: readonly string[] }> {
  const harness = pulsarHarness({ driver: 'websocket', subscriptionType: type });
  await harness.prepare?.();
  const scenario = await Scenario.open(harness, { partitions: PARTITIONS });
  const order = type === 'Shared' ? 'none' : 'key';
  const delivery = { maxInFlight: 16, timeout: '120s', buffer: { records: BUFFER }, order };
  const start = () => scenario.start({ delivery });
  try {
    const hold = holdHalfway(scenario);
    for (let count = 0; count < change.before; count += 1) await start();
    await scenario.publish(Array.from({ length: RECORDS }, (_, n) => ({ id: `r${n}`, key: `k${n % KEYS}` })));
    await waitFor(() => scenario.log.delivered.size > RECORDS / 10, { timeout: 60_000, what: 'the first tenth' });
    const made = change.make(scenario, start);
    // Who leaves waits for the calls that run.
    if (change === LEAVES) hold.end();
    await made;
    hold.end();
    await scenario.delivered(undefined, 120_000);
    await scenario.acknowledged();
    return { findings: scenario.findings(), overlaps: overlapsOf(scenario.log.calls) };
  } finally {
    await scenario.close();
  }
}

/** The function takes half of the records, and then none before the hold ends: the change is made in the middle. */
function holdHalfway(scenario: Scenario): { end(): void } {
  const held: (() => void)[] = [];
  scenario.behave(() => {
    if (scenario.log.delivered.size < RECORDS / 2) return late(10, answer(200));
    return (response) => void held.push(() => answer(200)(response));
  });
  return {
    end() {
      scenario.behave(() => late(10, answer(200)));
      for (const reply of held.splice(0)) reply();
    },
  };
}

/** Calls that began while another call of their key was open, whoever made it. */
function overlapsOf(calls: readonly Call[]): string[] {
  const open = new Map<number, Call>();
  const found: string[] = [];
  for (const call of calls.toSorted((a, b) => a.start - b.start)) {
    const key = Number(call.id.slice(1)) % KEYS;
    const before = open.get(key);
    if (before !== undefined && call.start < endOf(before)) found.push(`${call.id} while ${before.id} was open`);
    if (before === undefined || endOf(call) > endOf(before)) open.set(key, call);
  }
  return found;
}

function endOf({ end = Number.POSITIVE_INFINITY }: Call): number {
  return end;
}

function wordsOf({ repeats, ordered }: Promised): string {
  return `${repeats === 0 ? 'nothing comes twice' : `at most ${repeats} come twice`}${ordered ? ', keys keep their order' : ''}`;
}

function orFail<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there are two dispatchers');
  return value;
}
