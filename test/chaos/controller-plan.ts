/** What strikes the controller in which order, and what its users do meanwhile: a pure function of the seed. */
import { createRandom } from './schedule.ts';

export const CONTROLLER_FAULTS = [
  'kill',
  'terminate',
  'stop-and-go',
  'api-server',
  'compaction',
  'cut',
  'storm-500',
  'storm-429',
  'writers',
] as const;
export type ControllerFault = (typeof CONTROLLER_FAULTS)[number];

export interface ControllerPlan {
  readonly seed: number;
  readonly faults: readonly ControllerFault[];
  /** Milliseconds that the clock of each replica is off, past or future. */
  readonly clocks: readonly [number, number];
  /** How many triggers there are, and how many of them are changed, made or deleted with each fault. */
  readonly triggers: number;
  readonly changes: number;
}

const HOUR = 3_600_000;

/** Every fault once, one of those that replace a leader twice. */
export function planControllerRun(seed: number): ControllerPlan {
  const random = createRandom(seed);
  const extra = seed % 2 === 0 ? 'kill' : 'terminate';
  const faults = [...CONTROLLER_FAULTS, extra as ControllerFault]
    .map((fault) => ({ fault, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ fault }) => fault);
  return {
    seed,
    faults,
    clocks: [0, Math.round((random() - 0.5) * 48 * HOUR)],
    triggers: 24 + Math.floor(random() * 16),
    changes: 4 + Math.floor(random() * 6),
  };
}
