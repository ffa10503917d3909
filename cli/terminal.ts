/** What a command talks to: its input, its output and its errors. */
import { text } from 'node:stream/consumers';

export interface Terminal {
  /** All of standard input. */
  input(): Promise<string>;
  /** One line of result. */
  print(line: string): void;
  /** One line that isn't a result. */
  complain(line: string): void;
}

export function processTerminal(): Terminal {
  return {
    input: () => text(process.stdin),
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
  };
}
