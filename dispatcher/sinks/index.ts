/** The sinks: one line each, sorted, and loaded when a trigger needs it. */
import type { Trigger } from '../../api/trigger.ts';
import type { ProxySettings } from '../../common/proxy.ts';
import type { DeadLetterSink, Sink } from './sink.ts';

export interface SinkOptions {
  /** Called with each attribute of a record that is left out, or cut, for another reason than its size. */
  readonly onSkippedHeader?: (name: string) => void;
  /** None by default. */
  readonly proxy?: ProxySettings | undefined;
}

/** Throws a TypeError when the function's URL isn't absolute http(s). */
export async function createSink(trigger: Trigger, options: SinkOptions = {}): Promise<Sink> {
  const { createFunctionSink } = await SINKS.function();
  return createFunctionSink({ trigger, ...options });
}

/** Undefined when the trigger has no dead letter. */
export async function createDeadLetter(
  trigger: Trigger,
  { proxy }: Pick<SinkOptions, 'proxy'> = {},
): Promise<DeadLetterSink | undefined> {
  const { deadLetter } = trigger.delivery;
  if (deadLetter === undefined) {
    return undefined;
  }
  const { createDeadLetterSink } = await SINKS.deadLetter();
  return createDeadLetterSink({ trigger, url: deadLetter.url, proxy });
}

const SINKS = {
  deadLetter: () => import('./dead-letter/dead-letter-sink.ts'),
  function: () => import('./function/function-sink.ts'),
};
