/** A problem in words. */
import type { Problem } from './trigger.ts';

/** `spec.paused is "yes", which …`, or `spec.pulsar: exactly one of …`; without the cure. */
export function problemText({ path, message, isSentence }: Omit<Problem, 'cure'>): string {
  if (path === '') return message;
  return isSentence === true ? `${path}: ${message}` : `${path} ${message}`;
}
