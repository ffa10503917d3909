/** One lane: the records of a key in their order, and where it stands. */

/** What a lane queues: the lane links its items itself, so that queueing allocates nothing. */
export interface LaneItem<T> {
  /** The item behind this one in its lane; kept by the lane. */
  next: T | undefined;
}

/** The records of one key, in order. Only its head ever runs or waits. */
export interface Lane<T> {
  readonly key: string;
  readonly head: T;
  /** Items in the lane, the head included. */
  readonly size: number;
  /** The head failed before. */
  readonly retrying: boolean;
}

export type LaneState = 'ready' | 'running' | 'waiting' | 'idle' | 'gone';

/** The same as `Lanes` sees it. */
export interface MutableLane<T> {
  readonly key: string;
  /** Undefined while it is idle. */
  head: T | undefined;
  tail: T | undefined;
  size: number;
  retrying: boolean;
  /** Its call takes so long that what stands behind it counts as held up. */
  stuck: boolean;
  timedOut: boolean;
  state: LaneState;
  /** Takes one of the slow slots while it runs. */
  slow: boolean;
  /** Place in the line of the ready. */
  turn: number;
  wakeAt: number;
}
