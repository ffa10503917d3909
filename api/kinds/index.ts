/** The kinds of triggers: one line a kind, sorted. */
import type { EnvelopeProfile, Kind } from './kind.ts';
import { pulsarTrigger } from './pulsar-trigger.ts';

export type { EnvelopeProfile } from './kind.ts';

const KINDS = {
  PulsarTrigger: pulsarTrigger,
} satisfies Record<string, Kind>;

export const kinds: readonly Kind[] = Object.values(KINDS);

/** Undefined for a kind that isn't known. */
export function findKind(kind: string): Kind | undefined {
  return kinds.find((known) => known.kind === kind);
}

/** How records of this kind look to a function; throws on a kind that isn't known, naming those that are. */
export function envelopeProfile(kind: string): EnvelopeProfile {
  const found = findKind(kind);
  if (found === undefined) throw new Error(`unknown kind ${JSON.stringify(kind)}: known are ${kindNames()}`);
  return found.envelope;
}

export function kindNames(): string {
  return kinds.map((known) => known.kind).join(', ');
}
