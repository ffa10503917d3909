/** A partitioned log in memory, with groups that share partitions, as Kafka and Kinesis have them. */
import { randomUUID } from 'node:crypto';
import { Group, type Member } from './group.ts';
import type { BrokerConnection, Checkpoint, Connect, Place, StoredRecord } from './protocol.ts';

export interface NewRecord {
  readonly key?: string;
  readonly payload: Buffer;
  /** By the key, otherwise in turn, when absent. */
  readonly partition?: number;
}

export interface MemoryBroker {
  readonly connect: Connect;
  createTopic(partitions: number): string;
  publish(topic: string, records: readonly NewRecord[]): void;
  /** Every connection breaks, and none can be made before `up`. Records and checkpoints stay. */
  down(): void;
  up(): void;
  /** Moves the checkpoint of a group; its members start again from there. */
  reset(topic: string, group: string, offset: number): void;
  /** Takes all partitions away from the member that has most and gives them back to it, without asking. */
  fence(topic: string, group: string): void;
  /** Records that the group hasn't acknowledged. */
  backlog(topic: string, group: string): number;
  checkpoint(topic: string, group: string, partition: number): Checkpoint | undefined;
  /** Partitions of each member of the group. */
  assignments(topic: string, group: string): readonly (readonly string[])[];
}

export function createMemoryBroker(): MemoryBroker {
  const topics = new Map<string, StoredRecord[][]>();
  const groups = new Map<string, Group>();
  const members = new Set<Member>();
  let isUp = true;
  let turn = 0;

  const topic = (name: string): StoredRecord[][] => {
    const found = topics.get(name);
    if (found === undefined) throw new Error(`reading topic ${name}: there is none of that name`);
    return found;
  };
  const log = (partition: string): StoredRecord[] => {
    const { name, index } = parsePartition(partition);
    return topic(name)[index] ?? [];
  };
  const group = (name: string, id: string): Group => {
    const known = groups.get(`${name} ${id}`);
    if (known !== undefined) return known;
    const partitions = topic(name).map((_, index) => partitionName(name, index));
    const created = new Group(partitions, (partition) => log(partition).length);
    groups.set(`${name} ${id}`, created);
    return created;
  };
  const wake = () => {
    for (const member of members) member.wake();
  };

  return {
    async connect(events) {
      if (!isUp) throw new Error('connecting to the memory broker: it is down');
      const member: Member = { events, assigned: new Map(), wake: () => {} };
      members.add(member);
      let joined: Group | undefined;
      const alive = () => {
        if (!members.has(member)) throw new Error('calling the memory broker: the connection is closed');
      };
      const connection: BrokerConnection = {
        async join({ topic: name, group: id, initialPosition }) {
          alive();
          joined = group(name, id);
          await joined.join(member, initialPosition);
        },
        async fetch(places, max) {
          alive();
          const { promise, resolve } = Promise.withResolvers<void>();
          const ready = () => collect(places, max, log);
          if (ready().length > 0) return ready();
          member.wake = resolve;
          await promise;
          alive();
          return ready();
        },
        async commit(partition, epoch, checkpoint) {
          alive();
          return joined?.commit(member, partition, epoch, checkpoint) ?? false;
        },
        async ends() {
          alive();
          return [...member.assigned.keys()].map((partition) => ({ partition, offset: log(partition).length }));
        },
        async leave() {
          if (!members.delete(member)) return;
          member.wake();
          await joined?.leave(member);
        },
      };
      return connection;
    },
    createTopic(partitions) {
      const name = `memory-${randomUUID()}`;
      topics.set(
        name,
        Array.from({ length: partitions }, () => []),
      );
      return name;
    },
    publish(name, records) {
      const logs = topic(name);
      for (const { key, payload, partition } of records) {
        const index = partition ?? (key === undefined ? turn++ : hash(key)) % logs.length;
        const target = logs[index];
        if (target === undefined) throw new Error(`publishing to ${name}: it has no partition ${index}`);
        const place = { partition: partitionName(name, index), offset: target.length, time: Date.now() };
        target.push(key === undefined ? { ...place, payload } : { ...place, key, payload });
      }
      wake();
    },
    down() {
      isUp = false;
      const broken = [...members];
      members.clear();
      for (const joined of groups.values()) joined.clear();
      for (const member of broken) {
        member.wake();
        member.events.closed('the memory broker went down');
      }
    },
    up() {
      isUp = true;
    },
    reset(name, id, offset) {
      group(name, id).reset(offset);
    },
    fence(name, id) {
      group(name, id).fence();
    },
    backlog(name, id) {
      const behind = group(name, id).checkpoints;
      return topic(name).reduce((sum, records, index) => {
        const { through, pending } = behind.get(partitionName(name, index)) ?? { through: -1, pending: [] };
        return sum + records.length - 1 - through + pending.length;
      }, 0);
    },
    checkpoint(name, id, partition) {
      return group(name, id).checkpoints.get(partitionName(name, partition));
    },
    assignments(name, id) {
      return group(name, id).members.map(({ assigned }) => [...assigned.keys()]);
    },
  };
}

/** Some of each place, in turn, so that no partition starves. */
function collect(places: readonly Place[], max: number, log: (partition: string) => StoredRecord[]): StoredRecord[] {
  const share = Math.max(1, Math.ceil(max / Math.max(1, places.length)));
  return places.flatMap(({ partition, offset }) => log(partition).slice(offset, offset + share));
}

function partitionName(topic: string, index: number): string {
  return `${topic}/${index}`;
}

function parsePartition(partition: string): { name: string; index: number } {
  const at = partition.lastIndexOf('/');
  return { name: partition.slice(0, at), index: Number(partition.slice(at + 1)) };
}

function hash(key: string): number {
  let sum = 0;
  for (const character of key) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}
