/**
 * What a Pulsar owes a subscription after it has dropped acknowledgements.
 *
 * A topic that is unloaded, and a broker that dies, drop acknowledgements and tell nobody; the dispatcher learns of it when
 * these records come again, and acknowledges them again. Were it to die before that, the broker would keep holes that no
 * successor can see: an early record of a key would come again, and a later one that was acknowledged would not.
 */
import type { PulsarEndpoint } from '../servers/pulsar/index.ts';

export interface Debt {
  /** True once all that was handed over before the disturbance is acknowledged. */
  isPaid(): Promise<boolean>;
}

interface Cursor {
  readonly markDeletePosition: string;
  readonly readPosition: string;
}

/** To be called just before the disturbance. `topics` are plain topics or single partitions, in `public/default`. */
export async function noteDebt(pulsar: PulsarEndpoint, topics: readonly string[], subscription: string): Promise<Debt> {
  const cursors = () => Promise.all(topics.map((topic) => readCursor(pulsar, topic, subscription)));
  const owed = (await cursors()).map(({ readPosition }) => readPosition);
  return {
    async isPaid() {
      const now = await cursors();
      return owed.every((position, index) => isBefore(position, now[index]?.markDeletePosition ?? '-1:-1'));
    },
  };
}

async function readCursor({ adminUrl }: PulsarEndpoint, topic: string, subscription: string): Promise<Cursor> {
  const response = await fetch(`${adminUrl}/admin/v2/persistent/public/default/${topic}/internalStats`);
  if (!response.ok) throw new Error(`reading the cursor of ${topic}: ${response.status} ${await response.text()}`);
  const { cursors } = (await response.json()) as { cursors: Record<string, Cursor> };
  const cursor = cursors[subscription];
  if (cursor === undefined) throw new Error(`reading the cursor of ${topic}: it has no subscription ${subscription}`);
  return cursor;
}

/** The read position is the next to be read: all before it is acknowledged when the mark stands just below. */
function isBefore(readPosition: string, markDeletePosition: string): boolean {
  const [readLedger = 0, readEntry = 0] = readPosition.split(':').map(Number);
  const [markLedger = 0, markEntry = 0] = markDeletePosition.split(':').map(Number);
  return markLedger > readLedger || (markLedger === readLedger && markEntry >= readEntry - 1);
}
