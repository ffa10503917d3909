/** The conformance suite on the in-memory partitioned log. */
import { memoryHarness } from './memory-harness.ts';
import { describeSource } from './source.ts';

describeSource('memory', memoryHarness());
