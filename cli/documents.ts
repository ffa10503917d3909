/** Splits YAML text into its documents and reads each, so that a mistake in one doesn't hide those of the others. */
import {
  EVENT_ID,
  type Event,
  getScalarValue,
  load,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml';

export type Document =
  | { readonly object: unknown; readonly warnings: readonly string[] }
  | { readonly mistake: string; readonly cure: string };

/** Empty documents are left out, and a List gives its items. Never throws. */
export function readDocuments(text: string): readonly Document[] {
  return split(text).flatMap(({ content, line }): readonly Document[] => {
    try {
      const object = load(content);
      return items(object).map((item) => ({ object: item, warnings: warnings(content, line) }));
    } catch (error) {
      return [{ mistake: `is not YAML: ${reason(error, line)}`, cure: 'Correct it there; indent with spaces.' }];
    }
  });
}

interface Part {
  readonly content: string;
  /** Lines before it. */
  readonly line: number;
}

/** At lines that begin with `---`, which nothing else in YAML can. */
function split(text: string): readonly Part[] {
  const parts: { content: string; line: number }[] = [];
  for (const [line, content] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const last = parts.at(-1);
    if (last === undefined || /^---(\s|$)/.test(content)) parts.push({ content, line });
    else last.content += `\n${content}`;
  }
  return parts.filter(({ content }) => !isEmpty(content));
}

function isEmpty(content: string): boolean {
  return content.split('\n').every((line) => /^\s*(#.*)?$|^---\s*(#.*)?$|^\.\.\.\s*$/.test(line));
}

function items(object: unknown): readonly unknown[] {
  const isList = typeof object === 'object' && object !== null && 'kind' in object && object.kind === 'List';
  return isList && 'items' in object && Array.isArray(object.items) ? object.items : [object];
}

/** Never with the text itself, which may hold a token. */
function reason(error: unknown, line: number): string {
  if (!(error instanceof YAMLException)) return 'it cannot be read';
  if (error.mark === undefined) return error.reason;
  return `${error.reason} at line ${line + error.mark.line + 1}, column ${error.mark.column + 1}`;
}

/** Words that kubectl takes for true or false, and YAML 1.2 for text. */
const AMBIGUOUS = /^(y|n|on|off|yes|no)$/i;

function warnings(content: string, line: number): readonly string[] {
  return parseEvents(content, {})
    .filter(isPlainScalar)
    .filter((scalar) => AMBIGUOUS.test(getScalarValue(content, scalar)))
    .map((scalar) => {
      const before = content.slice(0, scalar.valueStart).split('\n').length;
      const word = getScalarValue(content, scalar);
      return `line ${line + before}: ${word} is text here and true or false for kubectl; quote it, or write true or false`;
    });
}

function isPlainScalar(event: Event): event is ScalarEvent {
  return event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN;
}
