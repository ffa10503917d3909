/** What a container said last, from the message that the kubelet kept: a termination message, or the end of its log. */
import { maskUsersIn } from '../../common/mask-url.ts';
import { plainText } from './plain-text.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Undefined when it said nothing. The last line that tells of an error, else the last one: Node ends with its version,
 * V8 with a stack. Of a JSON log only what was said is taken: times would make each crash another.
 */
export function lastWords(message: string | undefined): string | undefined {
  const lines = (message ?? '').split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '').map((line) => ({ line, fields: fieldsOf(line) }));
  const last = said.findLast(({ line, fields }) => isError(line, fields)) ?? said.at(-1);
  // Whoever may read a status needn't be one who may read logs.
  return last && plainText(maskUsersIn((last.fields && spoken(last.fields)) ?? last.line));
}

const ERROR_LINE = /^(?:FATAL ERROR|Uncaught|panic|(?:[A-Z]\w*)?(?:Error|Exception))\b/;
const ERROR_LEVELS: readonly unknown[] = ['error', 'fatal', 50, 60];

function isError(line: string, fields: Fields | undefined): boolean {
  return fields === undefined ? ERROR_LINE.test(line) : ERROR_LEVELS.includes(fields.level);
}

function fieldsOf(line: string): Fields | undefined {
  return line.startsWith('{') ? parsed(line) : undefined;
}

function spoken(fields: Fields): string | undefined {
  const { msg, message, problem, err, error } = fields;
  const parts = [msg, message, problem, messageIn(err), messageIn(error)].filter((part) => typeof part === 'string');
  return parts.length === 0 ? undefined : parts.join(': ');
}

function messageIn(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
}

function parsed(line: string): Fields | undefined {
  try {
    // It begins with a brace, so what parses is an object.
    return JSON.parse(line) as Fields;
  } catch {
    return undefined;
  }
}
