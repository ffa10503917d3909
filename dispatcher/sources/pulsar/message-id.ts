/** What a Pulsar message id says, and the positions that are made of it. */

/** Decoded `MessageIdData`; -1 and 0 are what Pulsar means by "none". */
export interface MessageId {
  readonly ledger: number;
  readonly entry: number;
  /** -1: the topic has no partitions. */
  readonly partition: number;
  /** -1: the record stands alone in its entry. */
  readonly batchIndex: number;
  /** Records in the entry; 0: the record stands alone, or it isn't known. */
  readonly batchSize: number;
}

/** Field numbers of `MessageIdData` in Pulsar's `PulsarApi.proto`. */
const LEDGER = 1;
const ENTRY = 2;
const PARTITION = 3;
const BATCH_INDEX = 4;
const BATCH_SIZE = 6;

/** Decodes protobuf `MessageIdData`; fields that aren't known are skipped. Throws when the bytes are no message id. */
export function decodeMessageId(bytes: Uint8Array): MessageId {
  const id = { ledger: -1, entry: -1, partition: -1, batchIndex: -1, batchSize: 0 };
  const at = { offset: 0 };
  while (at.offset < bytes.length) {
    const tag = readVarint(bytes, at);
    const field = tag >> 3;
    const wireType = tag & 7;
    if (wireType === 0) {
      const value = readVarint(bytes, at);
      if (field === LEDGER) id.ledger = value;
      else if (field === ENTRY) id.entry = value;
      else if (field === PARTITION) id.partition = int32(value);
      else if (field === BATCH_INDEX) id.batchIndex = int32(value);
      else if (field === BATCH_SIZE) id.batchSize = int32(value);
    } else if (wireType === 2) {
      const length = readVarint(bytes, at);
      at.offset += length;
    } else {
      throw new Error(`message id has a field ${field} of unknown wire type ${wireType}`);
    }
  }
  if (id.ledger < 0 || id.entry < 0) throw new Error('message id has no ledger and entry');
  return id;
}

/** `ledger:entry:batchIndex`; a record that stands alone has index 0. */
export function positionOf(id: MessageId): string {
  return `${id.ledger}:${id.entry}:${Math.max(0, id.batchIndex)}`;
}

/** `ledger:entry:partition:batchIndex`; ledgers are unique in a cluster, so this is unique over topics. */
export function eventIdOf(id: MessageId): string {
  return `${id.ledger}:${id.entry}:${id.partition}:${Math.max(0, id.batchIndex)}`;
}

/** Compares `ledger:entry:batchIndex` by its numbers; runs for every record, so it makes no objects. */
export function comparePositions(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    let left = 0;
    let right = 0;
    for (let code = a.charCodeAt(i); isDigit(code); code = a.charCodeAt(++i)) left = left * 10 + code - 48;
    for (let code = b.charCodeAt(j); isDigit(code); code = b.charCodeAt(++j)) right = right * 10 + code - 48;
    if (left !== right) return left - right;
    i++;
    j++;
  }
  return 0;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Protobuf writes a negative int32 as a 64-bit number; the only negative one here means "none". */
function int32(value: number): number {
  return value > 0x7fffffff ? -1 : value;
}

/** Unsigned; exact up to 2^53. */
function readVarint(bytes: Uint8Array, at: { offset: number }): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = bytes[at.offset++];
    if (byte === undefined) throw new Error('message id ends in the middle of a number');
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
}
