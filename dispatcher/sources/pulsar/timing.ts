/** The times of the WebSocket driver, in milliseconds. */
import { CLOSING_CONNECTIONS } from '../../../common/stop-times.ts';

export interface Timing {
  /** How long an ack waits for others: each write costs this process and the broker's proxy the same, however many it carries. */
  readonly acks: number;
  /** Between pings; a ping without an answer until the next one means that the connection is lost. */
  readonly ping: number;
  /** Longest wait for the answer to a connection request; the broker's proxy itself waits up to 30 s for the topic. */
  readonly handshake: number;
  /** After which a first attempt that still lasts is told of. */
  readonly firstAnswer: number;
  /** Longest wait for the broker's part of the closing handshake. */
  readonly closing: number;
  /** A connection that stood this long starts the waiting times over. */
  readonly stable: number;
  /** Age at which a record of a batch is asked for again: the broker's proxy forgets its batches after an hour. */
  readonly batchAge: number;
  readonly minBackoff: number;
  readonly maxBackoff: number;
}

/** The broker cuts sessions that are idle for 5 minutes. */
export const TIMING: Timing = {
  acks: 3,
  ping: 30_000,
  handshake: 35_000,
  firstAnswer: 3000,
  closing: CLOSING_CONNECTIONS,
  stable: 10_000,
  batchAge: 45 * 60_000,
  minBackoff: 200,
  maxBackoff: 30_000,
};
