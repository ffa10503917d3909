/** What a figure was measured on. */

import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly undici: string;
}

export function describeMachine(): Machine {
  // A package's version stands nowhere but in its package.json.
  const undici = createRequire(import.meta.url)('undici/package.json') as { readonly version: string };
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: process.version,
    undici: undici.version,
  };
}
