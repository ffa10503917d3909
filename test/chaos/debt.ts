/**
 * What a Pulsar owes a subscription after it has dropped acknowledgements.
 *
 * A topic that is unloaded, and a broker that dies, drop acknowledgements and tell nobody; the dispatcher learns of it when
 * these records come again, and acknowledges them again. Were it to die before that, the broker would keep holes that no
 * successor can see: an early record of a key would come again, and a later one that was acknowledged would not. The same holds
 * for what a dispatcher acknowledged that is dead already.
 */
import type { PulsarEndpoint } from '../servers/pulsar/index.ts';

export interface Debt {
  /** True once all that was handed over before the disturbance is acknowledged. */
  isPaid(): Promise<boolean>;
}

interface Cursor {
  /** All up to here is acknowledged. */
  readonly marked: Position;
  /** The next to be read. */
  readonly read: Position;
  /** The last record of the topic. */
  readonly last: Position;
}

interface Position {
  readonly ledger: number;
  readonly entry: number;
}

/** To be called just before the disturbance. `topics` are plain topics or single partitions, in `public/default`. */
export async function noteDebt(pulsar: PulsarEndpoint, topics: readonly string[], subscription: string): Promise<Debt> {
  const cursors = () => Promise.all(topics.map((topic) => readCursor(pulsar, topic, subscription)));
  const owed = (await cursors()).map(({ read: { ledger, entry } }) => ({ ledger, entry: entry - 1 }));
  return {
    async isPaid() {
      const now = await cursors();
      // What is to be read next stands in an empty ledger when all was read before it was opened.
      return now.every(({ marked, last }, index) => isUpTo(owed[index], marked) || isUpTo(last, marked));
    },
  };
}

async function readCursor({ adminUrl }: PulsarEndpoint, topic: string, subscription: string): Promise<Cursor> {
  const response = await fetch(`${adminUrl}/admin/v2/persistent/public/default/${topic}/internalStats`);
  if (!response.ok) throw new Error(`reading the cursor of ${topic}: ${response.status} ${await response.text()}`);
  const stats = (await response.json()) as InternalStats;
  const cursor = stats.cursors[subscription];
  if (cursor === undefined) throw new Error(`reading the cursor of ${topic}: it has no subscription ${subscription}`);
  return {
    marked: parsePosition(cursor.markDeletePosition),
    read: parsePosition(cursor.readPosition),
    last: parsePosition(stats.lastConfirmedEntry),
  };
}

/** The few fields of the answer that are used; positions are written `ledger:entry`. */
interface InternalStats {
  readonly lastConfirmedEntry: string;
  readonly cursors: Readonly<Record<string, { readonly markDeletePosition: string; readonly readPosition: string }>>;
}

function parsePosition(text: string): Position {
  const [ledger = -1, entry = -1] = text.split(':').map(Number);
  return { ledger, entry };
}

function isUpTo(position: Position | undefined, marked: Position): boolean {
  if (position === undefined) return true;
  return marked.ledger > position.ledger || (marked.ledger === position.ledger && marked.entry >= position.entry);
}
