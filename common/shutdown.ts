/** Ends a program on SIGTERM or SIGINT: the first asks it to stop, a second one ends it at once. */
import { messageOf } from './errors.ts';

export interface ShutdownOptions {
  /** Stops the program; the process ends when it resolves. */
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
  /** Exit code after a clean stop; 0 by default. */
  readonly exitCode?: number;
  /** Told before the second signal ends the process. */
  readonly onImpatience?: (signal: NodeJS.Signals) => void;
}

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGTERM: 15 };

/** One Ctrl-C reaches a program twice below npm, from the terminal and from npm; in milliseconds. */
const SAME_SIGNAL = 300;

/** Returns a function that gives the signals back to their default. */
export function onShutdown({ stop, exitCode = 0, onImpatience }: ShutdownOptions): () => void {
  let stoppingSince: number | undefined;
  const handle = (signal: NodeJS.Signals) => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince < SAME_SIGNAL) return;
      onImpatience?.(signal);
      process.exit(128 + (SIGNAL_NUMBERS[signal] ?? 0));
    }
    stoppingSince = performance.now();
    stop(signal).then(
      () => process.exit(exitCode),
      (error: unknown) => {
        process.stderr.write(`stopping: ${messageOf(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', handle);
  process.on('SIGINT', handle);
  return () => {
    process.off('SIGTERM', handle);
    process.off('SIGINT', handle);
  };
}
