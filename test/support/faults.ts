/** Parts of a pipeline that break their contract on purpose: a pipeline has to survive them. */
import type { Sink } from '../../dispatcher/sinks/sink.ts';
import { isLagReporter, isOrdered, type Source } from '../../dispatcher/sources/source.ts';

/** `sink-throws`: each record's first call throws synchronously. `read-rejects`: each read rejects three times. */
export const FAULTS = ['sink-throws', 'read-rejects'] as const;
export type Fault = (typeof FAULTS)[number];

export function faultySink(sink: Sink, fault: string | undefined): Sink {
  if (fault !== 'sink-throws') return sink;
  const seen = new Set<string>();
  return {
    send(records, signal) {
      const id = records[0]?.id ?? '';
      if (seen.has(id)) return sink.send(records, signal);
      seen.add(id);
      throw new TypeError('this sink throws');
    },
    close: () => sink.close(),
  };
}

export function faultySource(source: Source, fault: string | undefined): Source {
  if (fault !== 'read-rejects') return source;
  let failures = 0;
  const faulty: Source = {
    connect: (events, signal) => source.connect(events, signal),
    async read(max, signal) {
      if (++failures <= 3) throw new Error('this source cannot be read');
      failures = 0;
      return source.read(max, signal);
    },
    close: () => source.close(),
  };
  return Object.assign(
    faulty,
    isOrdered(source) && { comparePositions: source.comparePositions },
    isLagReporter(source) && { lag: source.lag.bind(source) },
  );
}
