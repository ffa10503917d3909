/**
 * Which records a stopping pipeline still delivers: those of producer batches that the broker takes back whole although
 * some of their records were delivered already, and whatever stands before them in their lanes.
 */
import type { Lanes } from './lanes.ts';
import type { Entry, Window } from './window.ts';

/** Records of one lane that a stop may wait for. */
const MOST_IN_LINE = 100;

export function finishBegun(lanes: Lanes<Entry>, window: Window): ReadonlySet<Entry> {
  const wanted = new Set<Entry>();
  const batches = new Set<string>();
  const batchOf = ({ record }: Entry) => record.batch && `${record.partition}\u0000${record.batch.id}`;
  const isBegun = (entry: Entry) => {
    const batch = batchOf(entry);
    return batch !== undefined && (batches.has(batch) || window.isBegun(entry));
  };
  for (let before = -1; before < wanted.size; ) {
    before = wanted.size;
    for (const lane of lanes.values()) {
      // A failing head would only hold the stop up; its batch comes again.
      if (lane.retrying) continue;
      const line = entriesOf(lane.head);
      const last = line.findLastIndex(isBegun);
      // One call after the other, they would take longer than a stop may; then they come again.
      if (last > MOST_IN_LINE) continue;
      for (const entry of line.slice(0, last + 1)) {
        wanted.add(entry);
        const batch = batchOf(entry);
        if (batch !== undefined) batches.add(batch);
      }
    }
  }
  return wanted;
}

function entriesOf(head: Entry): Entry[] {
  const line: Entry[] = [];
  for (let entry: Entry | undefined = head; entry !== undefined; entry = entry.next) line.push(entry);
  return line;
}
