/**
 * The conformance suite on a real Pulsar with the program that images run: `dist/`, as `npm run build` left it. It is the same
 * code as in the full suite, so what a build can break is enough.
 */
import { existsSync } from 'node:fs';
import { BUILT_MAIN } from '../support/dispatcher-process.ts';
import { pulsarHarness } from './pulsar-harness.ts';
import { describeSource } from './source.ts';

const harness = pulsarHarness({ driver: 'websocket', program: BUILT_MAIN });

describeSource(
  'Pulsar over WebSocket, from dist/',
  {
    ...harness,
    async prepare() {
      if (!existsSync(BUILT_MAIN)) throw new Error(`running what is built: there is no ${BUILT_MAIN}; npm run build`);
      await harness.prepare?.();
    },
  },
  { brief: true },
);
