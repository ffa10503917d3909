/** Mutants of a source, each breaking one promise, to prove that the ledger and the suite find them. */
import { type Delivery, isLagReporter, isOrdered, type Source } from '../../../dispatcher/sources/source.ts';

type Mutate = (deliveries: readonly Delivery[]) => readonly Delivery[];

const MUTANTS: Readonly<Record<string, Mutate>> = {
  /** Acknowledges what was read before anyone has it. */
  'acks-early': (deliveries) => {
    for (const { ack } of deliveries) ack();
    return deliveries;
  },
  /** Gives each record a key of its own, so that nothing is in order. */
  'forgets-keys': (deliveries) =>
    deliveries.map(({ record, ack }) => ({ record: { ...record, key: `${record.key}-${record.position}` }, ack })),
  /** Makes an identity of the moment, as one does who counts arrivals. */
  'forgets-identity': (deliveries) =>
    deliveries.map(({ record, ack }) => ({ record: { ...record, id: crypto.randomUUID() }, ack })),
  /** Hands each record over as if it were two. */
  doubles: (deliveries) =>
    deliveries.flatMap(({ record, ack }) => [
      { record, ack },
      { record: { ...record, position: `${record.position}.5`, key: `${record.key}-again` }, ack: () => {} },
    ]),
};

/** Without a name the source itself. */
export function breakSource(source: Source, name: string | undefined): Source {
  if (name === undefined || name === '') return source;
  const mutate = MUTANTS[name];
  if (mutate === undefined) throw new Error(`breaking a source: ${name} is none of ${Object.keys(MUTANTS).join(', ')}`);
  const broken: Source = {
    connect: (events, signal) => source.connect(events, signal),
    read: async (max, signal) => mutate(await source.read(max, signal)),
    close: () => source.close(),
  };
  return Object.assign(
    broken,
    isOrdered(source) && { comparePositions: source.comparePositions },
    isLagReporter(source) && { lag: source.lag.bind(source) },
  );
}
