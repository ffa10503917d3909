/** Processor time of a process that isn't ours. */
import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second for programs, whatever the kernel's own clock. */
const MICROS_OF_TICK = 10_000;

/** Begins to watch; the answer tells the microseconds that it used since then, or undefined where the system doesn't tell. */
export function brokerCpu(pid: number | undefined): () => number | undefined {
  const before = readTicks(pid);
  return () => {
    const after = readTicks(pid);
    return before === undefined || after === undefined ? undefined : (after - before) * MICROS_OF_TICK;
  };
}

/** utime and stime of /proc/<pid>/stat, its 14th and 15th field; the second is a name in brackets, spaces and all. */
function readTicks(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return user === undefined || system === undefined ? undefined : user + system;
  } catch {
    // No /proc on this system.
    return undefined;
  }
}
