/** What a command talks to: its input, its output and its errors. */
import { text } from 'node:stream/consumers';

export interface Terminal {
  /** Whether a person reads what is printed. */
  readonly isInteractive: boolean;
  /** All of standard input. */
  input(): Promise<string>;
  /** One line of result. */
  print(line: string): void;
  /** One line that isn't a result. */
  complain(line: string): void;
}

export function processTerminal(): Terminal {
  return {
    isInteractive: process.stdout.isTTY === true,
    input: () => text(process.stdin),
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
  };
}
