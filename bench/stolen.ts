/** Processor time that the machine below this one gave to others: no figure can be better than what is left. */
import { readFileSync } from 'node:fs';

/**
 * Begins to watch; the answer tells the share, from 0 to 1, of this machine's processor time that was stolen since then.
 * Always 0 where the system doesn't tell. Source: the first line of /proc/stat, in ticks (10 ms as a rule).
 */
export function watchStolen(): () => number {
  const before = readTicks();
  return () => {
    const after = readTicks();
    return after.all > before.all ? (after.stolen - before.stolen) / (after.all - before.all) : 0;
  };
}

/** user nice system idle iowait irq softirq steal; what follows (guests) is in user and nice already. */
function readTicks(): { all: number; stolen: number } {
  let ticks: number[];
  try {
    const line = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? '';
    ticks = line.split(' ').slice(0, 8).map(Number);
  } catch {
    // No /proc on this system.
    ticks = [];
  }
  return { all: ticks.reduce((sum, each) => sum + each, 0), stolen: ticks[7] ?? 0 };
}
