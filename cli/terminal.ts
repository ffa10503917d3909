/** What a command talks to: its input, its output and its errors. */
import { buffer } from 'node:stream/consumers';

export interface Terminal {
  /** Whether a person reads what is printed. */
  readonly isInteractive: boolean;
  /** All of standard input. */
  input(): Promise<Uint8Array>;
  /** One line of result. */
  print(line: string): void;
  /** One line that isn't a result. */
  complain(line: string): void;
}

export function processTerminal(): Terminal {
  return {
    isInteractive: process.stdout.isTTY === true,
    input: () => buffer(process.stdin),
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
  };
}
