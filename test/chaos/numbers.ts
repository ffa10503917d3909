/** The command line of the fault tests: options whose values are whole numbers. */
import { parseArgs } from 'node:util';
import { messageOf } from '../../common/errors.ts';

/** Each option's value, or the default given; `--help` and a mistake print the usage and end the process with 0 and 1. */
export function readNumbers<N extends string>(usage: string, defaults: Readonly<Record<N, number>>): Record<N, number> {
  const names = Object.keys(defaults) as N[];
  const asText = names.map((name) => [name, { type: 'string', default: String(defaults[name]) }] as const);
  try {
    const options = { ...Object.fromEntries(asText), help: { type: 'boolean', short: 'h' } } as const;
    const values: Readonly<Record<string, unknown> & { help?: unknown }> = parseArgs({ options }).values;
    if (values.help === true) {
      console.log(usage);
      process.exit(0);
    }
    const numbers = names.map((name) => [name, wholeNumber(name, String(values[name]))] as const);
    return Object.fromEntries(numbers) as Record<N, number>;
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`);
    process.exit(1);
  }
}

function wholeNumber(name: string, value: string): number {
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new Error(`--${name} is "${value}": give a whole number from 1`);
}
