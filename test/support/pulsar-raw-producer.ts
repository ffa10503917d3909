/** Publishes to a real Pulsar by its binary protocol what no producer of ours would: encrypted, damaged or incomplete messages. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { PulsarEndpoint } from '../servers/pulsar/index.ts';
import { waitFor } from './wait-for.ts';

export interface RawMessage {
  /** Fields of `MessageMetadata` after the three that every message has. */
  readonly metadata?: readonly Buffer[];
  readonly payload: Buffer | string;
  /** Records in it. */
  readonly count?: number;
}

/** Fields of `MessageMetadata` in `PulsarApi.proto`. */
export const encrypted: readonly Buffer[] = [
  bytesField(13, Buffer.concat([bytesField(1, 'a key'), bytesField(2, 'wrapped')])),
  bytesField(15, '0123456789ab'),
];
export const compressedByLz4: readonly Buffer[] = [intField(8, 1), intField(9, 100)];
export const batchOf = (records: number): Buffer => intField(11, records);
export const chunkOf = (chunks: number): readonly Buffer[] => [
  bytesField(26, 'raw-0'),
  intField(27, chunks),
  intField(28, 1000),
  intField(29, 0),
];

/** `BaseCommand.Type`, which is also the number of its field. */
const [CONNECT, CONNECTED, PRODUCER, SEND, SEND_RECEIPT, PRODUCER_SUCCESS] = [2, 3, 5, 6, 7, 17];

/** To a topic that the broker has loaded; resolves when all are stored. */
export async function publishRaw(
  { serviceUrl }: PulsarEndpoint,
  topic: string,
  messages: readonly RawMessage[],
): Promise<void> {
  const { hostname, port } = new URL(serviceUrl);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const answers = new Map<number, number>();
  let unread = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    unread = Buffer.concat([unread, data]);
    while (unread.length >= 4 && unread.length >= 4 + unread.readUInt32BE(0)) {
      // Total size, size of the command, then its type as field 1.
      const type = unread[9] ?? 0;
      answers.set(type, (answers.get(type) ?? 0) + 1);
      unread = unread.subarray(4 + unread.readUInt32BE(0));
    }
  });
  const answered = (type: number, count = 1) =>
    waitFor(() => answers.get(type) === count, { what: () => `answer ${type}; there are ${[...answers.keys()]}` });
  try {
    socket.write(sized(command(CONNECT, [bytesField(1, 'test'), intField(4, 19)])));
    await answered(CONNECTED);
    const name = `persistent://public/default/${topic}`;
    socket.write(sized(command(PRODUCER, [bytesField(1, name), intField(2, 1), intField(3, 1)])));
    await answered(PRODUCER_SUCCESS);
    for (const [index, { metadata = [], payload, count = 1 }] of messages.entries()) {
      const head = [bytesField(1, 'raw'), intField(2, index), intField(3, Date.now()), ...metadata];
      const send = command(SEND, [intField(1, 1), intField(2, index), intField(3, count)]);
      socket.write(sized(Buffer.concat([send, sized(Buffer.concat(head)), Buffer.from(payload)])));
    }
    await answered(SEND_RECEIPT, messages.length);
  } finally {
    socket.destroy();
  }
}

function command(type: number, fields: readonly Buffer[]): Buffer {
  return sized(Buffer.concat([intField(1, type), bytesField(type, Buffer.concat(fields))]));
}

function sized(content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length);
  return Buffer.concat([size, content]);
}

function intField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function bytesField(field: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
