/** What a container said last, from the message that the kubelet kept: a termination message, or the end of its log. */
import { plainText } from './plain-text.ts';

/** Undefined when it said nothing. Of a JSON log only what was said is taken: times would make each crash another. */
export function lastWords(message: string | undefined): string | undefined {
  const line = message?.trimEnd().split('\n').at(-1)?.trim();
  return line === undefined || line === '' ? undefined : plainText(spoken(line) ?? line);
}

function spoken(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  const fields = parsed(line);
  if (fields === undefined) return undefined;
  const { msg, message, problem, err, error } = fields;
  const parts = [msg, message, problem, messageIn(err), messageIn(error)].filter((part) => typeof part === 'string');
  return parts.length === 0 ? undefined : parts.join(': ');
}

function messageIn(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    // It begins with a brace, so what parses is an object.
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
