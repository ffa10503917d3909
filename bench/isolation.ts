/** Keys in trouble beside healthy ones: how much the healthy ones keep, and whether all ends in order. */
import type { Behaviour, FunctionProcess } from './function-process.ts';
import type { IsolationParameters, IsolationResult } from './isolation-loop.ts';
import { runMeasured } from './measured-process.ts';
import { atLeast, type Check, perSecond, type Row, type Settings, type Suite, share } from './suite.ts';

const KEYS = 100;
const LATENCY = 5;
const MIB = 2 ** 20;

interface Scenario {
  readonly name: string;
  readonly trouble: (keys: readonly string[]) => Behaviour;
  readonly parameters: Omit<IsolationParameters, 'url' | 'keys' | 'payload' | 'clean'>;
  /** Of the clean rate, for the healthy keys. */
  readonly target: number;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: '1 of 100 keys fails for ever',
    trouble: (failing) => ({ failing }),
    parameters: {
      troubled: 1,
      // The default, so that the time until it is full says something.
      buffer: { records: 1024, bytes: 64 * MIB },
      timeout: 180_000,
      fromTimeout: false,
      trouble: 120_000,
    },
    target: 0.9,
  },
  {
    name: '40 of 100 keys hang',
    trouble: (hanging) => ({ hanging }),
    // Room for what piles up, so that the slots are what is measured and not the buffer.
    parameters: {
      troubled: 40,
      buffer: { records: 60_000, bytes: 256 * MIB },
      timeout: 2000,
      fromTimeout: true,
      trouble: 10_000,
    },
    target: 0.5,
  },
];

export const isolation: Suite = {
  name: 'isolation',
  async run(fn, settings) {
    const outcomes: Outcome[] = [];
    for (const scenario of SCENARIOS) outcomes.push(await play(fn, scenario, settings));
    return {
      title: 'Isolation',
      how: `${KEYS} keys, maxInFlight 32, a function that takes ${LATENCY} ms, a source that always has more. Rates are of the healthy keys: in a clean stretch, then with the others in trouble, counted until the buffer is full of waiting records (keys that fail) or for 10 s from the first time-out of 2 s (keys that hang). Then the keys recover, retries pausing 0.2 s to 1 s, and everything in hand drains; the function checks that numbers rise within each key.`,
      rows: outcomes.map(({ row }) => row),
      checks: outcomes.flatMap(({ checks }) => checks),
    };
  },
};

interface Outcome {
  readonly row: Row;
  readonly checks: readonly Check[];
}

async function play(fn: FunctionProcess, scenario: Scenario, settings: Settings): Promise<Outcome> {
  const { name, parameters, trouble, target } = scenario;
  const keys = Array.from({ length: parameters.troubled }, (_, i) => `key-${i}`);
  const healthy = { latency: LATENCY, ledger: true, fresh: true };
  const before = await fn.behave(healthy);
  const onNote = (note: string) =>
    fn.behave(
      note === 'trouble' ? { latency: LATENCY, ledger: true, ...trouble(keys) } : { latency: LATENCY, ledger: true },
    );
  const result = await runMeasured<IsolationParameters, IsolationResult>(
    'isolation-loop',
    { ...parameters, url: fn.url, keys: KEYS, payload: 256, clean: settings.quick ? 3000 : 10_000 },
    { ...settings.measured, onNote },
  );
  const inversions = (await fn.report()).inversions - before.inversions;
  const { cleanRate, troubledRate, timeToFull, blocked, firstTroubled, handedOver, acknowledged } = result;
  const full = timeToFull === undefined ? 'not reached' : `${(timeToFull / 1000).toFixed(1)} s`;
  const named = `key ${blocked?.key ?? '?'}, position ${blocked?.position ?? '?'}`;
  const checks: Check[] = [
    atLeast(`${name}: rate of the others, of a clean run`, troubledRate / cleanRate, target, share),
    holds(`${name}: delivered after recovery`, `${acknowledged} of ${handedOver}`, 'all', acknowledged === handedOver),
    holds(`${name}: overtaken or doubled`, String(inversions), '0', inversions === 0),
  ];
  if (!parameters.fromTimeout) {
    const right = blocked?.key === 'key-0' && blocked.position === firstTroubled;
    checks.push(holds(`${name}: what Blocked names`, named, `key key-0, position ${firstTroubled}`, right));
  }
  return {
    row: {
      scenario: name,
      'clean rate': perSecond(cleanRate),
      'rate in trouble': perSecond(troubledRate),
      share: share(troubledRate / cleanRate),
      'buffer full after': full,
      'Blocked names': blocked === undefined ? '' : named,
      'drained in': `${(result.drained / 1000).toFixed(1)} s`,
    },
    checks,
  };
}

function holds(what: string, measured: string, target: string, ok: boolean): Check {
  return { what, measured, target, holds: ok };
}
