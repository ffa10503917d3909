/** What was published, what the function saw of it, and what that says: lost, repeated, out of order, or twice at once. */

/** A record as the producer made it. Records of one lane keep the order in which they stand in the ledger. */
export interface Published {
  /** What the producer put into the payload to know the record by. */
  readonly id: string;
  /** The unit of order; absent: no order is promised. */
  readonly lane?: string;
}

/** One request that reached the function; times are milliseconds of one clock. */
export interface Call {
  readonly id: string;
  /** The `event-id` header. */
  readonly eventId: string;
  readonly dispatcher: string;
  readonly start: number;
  /** When the answer was complete or the connection broke; absent while it is open. */
  readonly end?: number;
  /** The caller got a whole 2xx answer. */
  readonly delivered: boolean;
}

export interface History {
  readonly published: readonly Published[];
  readonly calls: readonly Call[];
  /** When a dispatcher was dead for certain, by its name. */
  readonly deaths: ReadonlyMap<string, number>;
}

export interface Findings {
  readonly records: number;
  readonly calls: number;
  readonly delivered: number;
  /** Deliveries beyond the first of each record. */
  readonly duplicates: number;
  /** Published and never delivered. */
  readonly lost: readonly string[];
  /** An attempt began after a later record of its lane had been delivered, and that one wasn't sent again. */
  readonly inversions: readonly string[];
  /** Two requests of one record, both from live dispatchers, were open at once. */
  readonly concurrent: readonly string[];
  /** Two requests of one lane, both from one live dispatcher, were open at once. */
  readonly overlapping: readonly string[];
  /** A record that came under two event ids, or an event id that stood for two records. */
  readonly confused: readonly string[];
  /** Seen by the function and never published. */
  readonly unknown: readonly string[];
}

export function judge(history: History): Findings {
  const byRecord = Map.groupBy(history.calls, (call) => call.id);
  const ids = new Set(history.published.map(({ id }) => id));
  const lanes = laneOrder(history.published, byRecord);
  const counts = countDeliveries(history.published, byRecord);
  return {
    records: history.published.length,
    calls: history.calls.length,
    ...counts,
    inversions: [...lanes.values()].flatMap((lane) => inversionsOf(lane, history.deaths)),
    concurrent: [...byRecord.values()].flatMap((calls) => overlaps(calls, history.deaths).map(pair)),
    overlapping: [...lanes.values()].flatMap((lane) => overlappingOf(lane, history.deaths)),
    confused: confusedOf(history.calls),
    unknown: [...byRecord.keys()].filter((id) => !ids.has(id)),
  };
}

/** True when nothing that is promised was broken; duplicates are not promised away. */
export function isSound(findings: Findings): boolean {
  return BROKEN.every((name) => findings[name].length === 0);
}

const BROKEN = ['lost', 'inversions', 'concurrent', 'overlapping', 'confused', 'unknown'] as const;

/** One line with the figures, and some examples of whatever is broken below it. */
export function summarise(findings: Findings): string {
  const figures = [
    `records ${findings.records}`,
    `calls ${findings.calls}`,
    `delivered ${findings.delivered}`,
    `duplicates ${findings.duplicates}`,
    ...BROKEN.map((name) => `${name} ${findings[name].length}`),
  ];
  const examples = BROKEN.flatMap((name) => findings[name].slice(0, 5).map((what) => `  ${name}: ${what}`));
  return [figures.join('  '), ...examples].join('\n');
}

interface LaneCall {
  readonly index: number;
  readonly call: Call;
}

/** The calls of every lane, each with the place of its record in the lane, by start. */
function laneOrder(
  published: readonly Published[],
  byRecord: ReadonlyMap<string, readonly Call[]>,
): Map<string, LaneCall[]> {
  const lanes = new Map<string, LaneCall[]>();
  published.forEach(({ id, lane }, index) => {
    if (lane === undefined) return;
    const calls = lanes.get(lane) ?? [];
    for (const call of byRecord.get(id) ?? []) calls.push({ index, call });
    lanes.set(lane, calls);
  });
  for (const calls of lanes.values()) calls.sort((a, b) => a.call.start - b.call.start);
  return lanes;
}

/**
 * Walks one lane by time. `done` holds the records delivered so far, each with the start of its last attempt in the
 * whole history: that is what tells whether it was sent again after the attempt in question.
 */
function inversionsOf(lane: readonly LaneCall[], deaths: ReadonlyMap<string, number>): string[] {
  const lastStart = new Map(lane.map(({ index, call }) => [index, call.start]));
  const ends = lane.filter(({ call }) => call.delivered).toSorted((a, b) => endOf(a.call) - endOf(b.call));
  const found: string[] = [];
  let next = 0;
  // The later record that matters is one that wasn't sent again; of those the highest index is enough for all earlier.
  const done = new Map<number, Call>();
  for (const { index, call } of lane) {
    for (let end = ends[next]; end !== undefined && endOf(end.call) < call.start; end = ends[++next]) {
      done.set(end.index, end.call);
    }
    if (isDead(call, deaths)) continue;
    for (const [later, success] of done) {
      if ((lastStart.get(later) ?? 0) > call.start) continue;
      // Nothing that starts from here on can be put right by this record any more: compare it once, keep the highest.
      if (later > index) found.push(`${describe(call)} began after ${describe(success)} of its lane`);
    }
    prune(done, lastStart, call.start);
  }
  return found;
}

/** Of the records that are never sent again, only the highest can be overtaken by what comes. */
function prune(done: Map<number, Call>, lastStart: ReadonlyMap<number, number>, now: number): void {
  const settled = [...done.keys()].filter((index) => (lastStart.get(index) ?? 0) <= now);
  const highest = Math.max(...settled);
  for (const index of settled) if (index !== highest) done.delete(index);
}

function overlappingOf(lane: readonly LaneCall[], deaths: ReadonlyMap<string, number>): string[] {
  const byDispatcher = Map.groupBy(lane, ({ call }) => call.dispatcher);
  return [...byDispatcher.values()].flatMap((calls) =>
    overlaps(
      calls.map(({ call }) => call),
      deaths,
    )
      .filter(([a, b]) => a.id !== b.id)
      .map(pair),
  );
}

/** Pairs of calls, neighbours by start, that were open at once while both callers lived. */
function overlaps(calls: readonly Call[], deaths: ReadonlyMap<string, number>): [Call, Call][] {
  const found: [Call, Call][] = [];
  let open: Call | undefined;
  for (const call of calls.toSorted((a, b) => a.start - b.start)) {
    if (isDead(call, deaths)) continue;
    if (open !== undefined && liveEnd(open, deaths) > call.start) found.push([open, call]);
    if (open === undefined || liveEnd(call, deaths) > liveEnd(open, deaths)) open = call;
  }
  return found;
}

function countDeliveries(
  published: readonly Published[],
  byRecord: ReadonlyMap<string, readonly Call[]>,
): Pick<Findings, 'delivered' | 'duplicates' | 'lost'> {
  const lost: string[] = [];
  let delivered = 0;
  let duplicates = 0;
  for (const { id } of published) {
    const times = (byRecord.get(id) ?? []).filter((call) => call.delivered).length;
    if (times === 0) lost.push(id);
    else delivered += 1;
    duplicates += Math.max(0, times - 1);
  }
  return { delivered, duplicates, lost };
}

function confusedOf(calls: readonly Call[]): string[] {
  const eventIds = new Map<string, string>();
  const ids = new Map<string, string>();
  const found: string[] = [];
  for (const { id, eventId } of calls) {
    const known = eventIds.get(id) ?? eventId;
    const owner = ids.get(eventId) ?? id;
    eventIds.set(id, known);
    ids.set(eventId, owner);
    if (known !== eventId) found.push(`${id} came as ${known} and as ${eventId}`);
    if (owner !== id) found.push(`${eventId} stood for ${owner} and for ${id}`);
  }
  return found;
}

function isDead(call: Call, deaths: ReadonlyMap<string, number>): boolean {
  return call.start >= (deaths.get(call.dispatcher) ?? Number.POSITIVE_INFINITY);
}

function endOf(call: Call): number {
  return call.end ?? Number.POSITIVE_INFINITY;
}

function liveEnd(call: Call, deaths: ReadonlyMap<string, number>): number {
  return Math.min(endOf(call), deaths.get(call.dispatcher) ?? Number.POSITIVE_INFINITY);
}

function pair([a, b]: readonly [Call, Call]): string {
  return `${describe(a)} with ${describe(b)}`;
}

function describe({ id, dispatcher, start, end }: Call): string {
  return `${id} by ${dispatcher} at ${start.toFixed(1)}–${end === undefined ? 'open' : end.toFixed(1)}`;
}
