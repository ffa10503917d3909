/** A terminal that keeps what is printed. */
import type { Terminal } from '../../../cli/terminal.ts';

export interface RecordedTerminal extends Terminal {
  readonly printed: readonly string[];
  readonly complaints: readonly string[];
}

export function recordedTerminal(input: string | Uint8Array = ''): RecordedTerminal {
  const printed: string[] = [];
  const complaints: string[] = [];
  return {
    isInteractive: false,
    input: async () => Buffer.from(input),
    print: (line) => printed.push(line),
    complain: (line) => complaints.push(line),
    printed,
    complaints,
  };
}
