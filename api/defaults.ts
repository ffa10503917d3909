/** The defaults of what all kinds share; the description of each field in `blocks.ts` names them. */

import { parseDuration } from '../common/duration.ts';
import { parseQuantity } from '../common/quantity.ts';
import type { DeliveryBlock } from './blocks.ts';
import type { DeliverySpec, RetrySpec } from './trigger.ts';

/** Milliseconds before the second attempt. */
export const INITIAL_DELAY = 100;

/** Fewer than brokers leave unacknowledged by default (50,000 a consumer); of all but tiny records the bytes are fewer. */
const BUFFER_RECORDS = 40_000;

/** Of a block that was found right. */
export function deliveryWithDefaults(block: DeliveryBlock = {}): DeliverySpec {
  const { order = 'key', maxInFlight = 32, buffer = {}, timeout = '180s', deadLetter } = block;
  return {
    order,
    maxInFlight,
    buffer: {
      records: buffer.records ?? BUFFER_RECORDS,
      bytes: bytes(buffer.bytes ?? '64Mi'),
    },
    timeout: milliseconds(timeout),
    retry: retryWithDefaults(block.retry),
    ...(deadLetter !== undefined && { deadLetter }),
  };
}

function retryWithDefaults(retry: DeliveryBlock['retry'] = {}): RetrySpec {
  const { policy = 'exponential', step = '5s', jitter = 0.2, maxAttempts, maxAge } = retry;
  const initialDelay = retry.initialDelay === undefined ? undefined : milliseconds(retry.initialDelay);
  const maxDelay = retry.maxDelay === undefined ? undefined : milliseconds(retry.maxDelay);
  return {
    policy,
    initialDelay: initialDelay ?? Math.min(INITIAL_DELAY, maxDelay ?? INITIAL_DELAY),
    maxDelay: maxDelay ?? Math.max(90_000, initialDelay ?? 90_000),
    step: milliseconds(step),
    jitter,
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(maxAge !== undefined && { maxAge: milliseconds(maxAge) }),
  };
}

function milliseconds(duration: string): number {
  return known(parseDuration(duration), duration);
}

function bytes(quantity: string): number {
  return known(parseQuantity(quantity), quantity);
}

function known(value: number | undefined, text: string): number {
  if (value === undefined) throw new Error(`${JSON.stringify(text)} passed its check and can't be read`);
  return value;
}
