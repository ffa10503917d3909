/** The Pulsar source over the native client. */
import type { Source } from '../source.ts';
import type { WebSocketSourceOptions } from './websocket-source.ts';

export function createNativeSource(_options: WebSocketSourceOptions): Source {
  throw new Error('not yet');
}
