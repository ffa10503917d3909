/** The conformance suite on a real Pulsar over its WebSocket API. */
import { pulsarHarness } from './pulsar-harness.ts';
import { describeSource } from './source.ts';

describeSource('Pulsar over WebSocket', pulsarHarness({ driver: 'websocket' }));
