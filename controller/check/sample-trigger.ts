/** A trigger of each kind that every version takes; it is never stored. */
import type { Kind } from '../../api/kinds/kind.ts';

const SOURCES: Readonly<Record<string, unknown>> = {
  PulsarTrigger: { pulsar: { broker: 'pulsar://pulsar.invalid:6650', topic: 'persistent://public/default/check' } },
};

export function sampleTrigger({ apiVersion, kind }: Kind) {
  const source = SOURCES[kind];
  if (source === undefined) throw new Error(`checking ${kind}: there is no sample of it`);
  return {
    apiVersion,
    kind,
    metadata: { generateName: 'check-' },
    spec: { ...source, kubeless: { function: 'http://function.invalid' }, delivery: { order: 'key' }, paused: true },
  };
}
