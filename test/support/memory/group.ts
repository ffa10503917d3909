/** A group of the in-memory broker: which member has which partition, from which checkpoint, and how that changes. */
import type { Assignment, Checkpoint, MemberEvents } from './protocol.ts';

export interface Member {
  readonly events: MemberEvents;
  /** Partition to epoch. */
  readonly assigned: Map<string, number>;
  /** Ends a waiting fetch. */
  wake: () => void;
}

export class Group {
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly #partitions: readonly string[];
  readonly #end: (partition: string) => number;
  #members: Member[] = [];
  #epoch = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(partitions: readonly string[], end: (partition: string) => number) {
    this.#partitions = partitions;
    this.#end = end;
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  async join(member: Member, initialPosition: 'earliest' | 'latest'): Promise<void> {
    for (const partition of this.#partitions) {
      if (this.checkpoints.has(partition)) continue;
      const through = initialPosition === 'earliest' ? -1 : this.#end(partition) - 1;
      this.checkpoints.set(partition, { through, pending: [] });
    }
    this.#members.push(member);
    await this.#rebalance();
  }

  async leave(member: Member): Promise<void> {
    this.#members = this.#members.filter((other) => other !== member);
    member.assigned.clear();
    await this.#rebalance();
  }

  /** Every connection is gone; nobody is asked. */
  clear(): void {
    for (const member of this.#members) member.assigned.clear();
    this.#members = [];
  }

  commit(member: Member, partition: string, epoch: number, checkpoint: Checkpoint): boolean {
    if (member.assigned.get(partition) !== epoch) return false;
    this.checkpoints.set(partition, checkpoint);
    return true;
  }

  reset(offset: number): void {
    for (const partition of this.#partitions) this.checkpoints.set(partition, { through: offset - 1, pending: [] });
    for (const member of this.#members) this.#assign(member, [...member.assigned.keys()]);
  }

  fence(): void {
    const [victim] = this.#members.toSorted((a, b) => b.assigned.size - a.assigned.size);
    if (victim === undefined) return;
    const partitions = [...victim.assigned.keys()];
    victim.assigned.clear();
    victim.wake();
    victim.events.lost(partitions);
    this.#assign(victim, partitions);
  }

  /** One after the other: a partition changes hands only when the one who had it has let go of it. */
  #rebalance(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#share());
    return this.#turn;
  }

  async #share(): Promise<void> {
    const wanted = new Map(this.#members.map((member): [Member, string[]] => [member, []]));
    this.#partitions.forEach((partition, index) => {
      const member = this.#members[index % Math.max(1, this.#members.length)];
      if (member !== undefined) wanted.get(member)?.push(partition);
    });
    await Promise.all(
      [...wanted].map(async ([member, partitions]) => {
        const moved = [...member.assigned.keys()].filter((partition) => !partitions.includes(partition));
        if (moved.length === 0) return;
        await member.events.revoke(moved).catch(() => {});
        for (const partition of moved) member.assigned.delete(partition);
        member.wake();
      }),
    );
    for (const [member, partitions] of wanted) {
      if (!this.#members.includes(member)) continue;
      this.#assign(
        member,
        partitions.filter((partition) => !member.assigned.has(partition)),
      );
    }
  }

  #assign(member: Member, partitions: readonly string[]): void {
    if (partitions.length === 0) return;
    const assignments = partitions.map((partition): Assignment => {
      const epoch = ++this.#epoch;
      member.assigned.set(partition, epoch);
      return { partition, epoch, checkpoint: this.checkpoints.get(partition) ?? { through: -1, pending: [] } };
    });
    member.events.assigned(assignments);
    member.wake();
  }
}
