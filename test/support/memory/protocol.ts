/** What a member of a group and the in-memory broker say to each other, in one process or over a channel. */

export interface StoredRecord {
  readonly partition: string;
  readonly offset: number;
  readonly key?: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly payload: Buffer;
}

/** Everything up to `through` is done but `pending`. */
export interface Checkpoint {
  readonly through: number;
  readonly pending: readonly number[];
}

export interface Assignment {
  readonly partition: string;
  /** Grows with each assignment of the partition; a commit under an old one is refused. */
  readonly epoch: number;
  readonly checkpoint: Checkpoint;
}

export interface Membership {
  readonly topic: string;
  readonly group: string;
  readonly initialPosition: 'earliest' | 'latest';
}

export interface Place {
  readonly partition: string;
  readonly offset: number;
}

/** One connection of a member to the broker. Calls reject once the connection is closed. */
export interface BrokerConnection {
  join(membership: Membership): Promise<void>;
  /** Waits for at least one record; empty when the member's assignments changed meanwhile. */
  fetch(places: readonly Place[], max: number): Promise<readonly StoredRecord[]>;
  /** False when the partition belongs to someone else, or was assigned anew. */
  commit(partition: string, epoch: number, checkpoint: Checkpoint): Promise<boolean>;
  /** One past the last offset of each assigned partition. */
  ends(): Promise<readonly Place[]>;
  /** Gives everything back at once; partitions that move are assigned to others when this resolves. */
  leave(): Promise<void>;
}

/** What the broker tells a member. */
export interface MemberEvents {
  /** For a partition that the member has already: start again from this checkpoint. */
  assigned(assignments: readonly Assignment[]): void;
  /** Resolves when the partitions can go to someone else. */
  revoke(partitions: readonly string[]): Promise<void>;
  /** The partitions are someone else's already. */
  lost(partitions: readonly string[]): void;
  /** The connection is gone, and with it the membership. */
  closed(why: string): void;
}

/** Opens a connection; rejects while the broker is down. */
export type Connect = (events: MemberEvents) => Promise<BrokerConnection>;
