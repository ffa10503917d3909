/** What every suite of the benchmark gets and gives. */
import type { FunctionProcess } from './function-process.ts';
import type { MeasuredOptions } from './measured-process.ts';

export interface Settings {
  /** Short runs, for a look; the figures of the documentation come from full ones. */
  readonly quick: boolean;
  /** Minutes of load for the growth of the heap. */
  readonly minutes: number;
  /** Also measure memory over a real Pulsar. */
  readonly pulsar: boolean;
  /** More flags for the measured processes. */
  readonly measured: MeasuredOptions;
  readonly log: (line: string) => void;
}

export interface Suite {
  readonly name: string;
  run(fn: FunctionProcess, settings: Settings): Promise<SuiteResult>;
}

/** A table, and what must hold of it. */
export interface SuiteResult {
  readonly title: string;
  /** What was measured and how, in a few sentences. */
  readonly how: string;
  /** All rows have the same names, which are the columns. */
  readonly rows: readonly Row[];
  readonly checks: readonly Check[];
  /** Further tables of the same suite. */
  readonly also?: readonly SuiteResult[];
}

export type Row = Readonly<Record<string, string | number>>;

export interface Check {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly holds: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function atLeast(what: string, measured: number, target: number, print: (value: number) => string): Check {
  return { what, target: `≥ ${print(target)}`, measured: print(measured), holds: measured >= target };
}

export function atMost(what: string, measured: number, target: number, print: (value: number) => string): Check {
  return { what, target: `≤ ${print(target)}`, measured: print(measured), holds: measured <= target };
}

export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`;
export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
export const milliseconds = (value: number): string => `${value.toFixed(2)} ms`;
export const share = (value: number): string => value.toFixed(2);
