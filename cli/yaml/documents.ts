/** Splits the text of a manifest into its documents and reads each, so that a mistake in one doesn't hide those of the others. */
import { YAMLException } from 'js-yaml';
import { isObject } from '../../api/check.ts';
import { YamlProblem } from './nodes.ts';
import { readValue } from './value.ts';

export type Document =
  | { readonly object: unknown; readonly warnings: readonly string[] }
  | { readonly mistake: string; readonly cure: string };

/** Empty documents are left out, and a list gives its items. Never throws. */
export function readDocuments(text: string): readonly Document[] {
  return split(text).flatMap((part): readonly Document[] => {
    try {
      const { value, warnings } = readValue(withoutMarks(part), part.line);
      return value === null ? [] : items(value).map((object) => ({ object, warnings }));
    } catch (error) {
      return [problemOf(error, part.line)];
    }
  });
}

interface Part {
  readonly content: string;
  /** Lines before it. */
  readonly line: number;
}

/** At lines that begin with `---`, whatever is behind it. */
function split(text: string): readonly Part[] {
  const parts: { content: string; line: number }[] = [];
  for (const [line, content] of text.split(/\r?\n/).entries()) {
    const last = parts.at(-1);
    if (last === undefined || content.startsWith('---')) parts.push({ content, line });
    else last.content += `\n${content}`;
  }
  return parts.filter(({ content }) => !isEmpty(content));
}

function isEmpty(content: string): boolean {
  return content.split('\n').every((line) => /^\s*(#.*)?$|^---\s*(#.*)?$/.test(line));
}

/** Comments may follow a separator at once, and a byte order mark may begin a document. */
function withoutMarks({ content, line }: Part): string {
  const [, after = ''] = /^---(.*)/.exec(content) ?? [];
  if (!/^\s*(#|$)/.test(after)) {
    throw new YamlProblem(`line ${line + 1} has something after ---`, 'Put it into a line of its own.');
  }
  return content.replace(/^---.*/, '---').replace(/^(---\n)?\uFEFF/, '$1');
}

/** Items of a typed list may leave out what they are. */
function items(object: unknown): readonly unknown[] {
  if (!isList(object)) return [object];
  const { apiVersion, kind, items: members } = object;
  if (members === undefined) return [object];
  if (members === null) return [];
  if (!Array.isArray(members)) throw new YamlProblem('is a list whose items are none', 'Write a list of objects.');
  const type = kind === 'List' ? {} : { apiVersion, kind: kind.replace(/List$/, '') };
  return members.map((member) => {
    if (isList(member))
      throw new YamlProblem('is a list in a list', 'Put the items of the inner list into the outer one.');
    return isUntyped(member) ? { ...type, ...member } : member;
  });
}

interface List {
  readonly apiVersion?: unknown;
  readonly kind: string;
  readonly items?: unknown;
}

function isList(value: unknown): value is List {
  return isObject(value) && typeof value.kind === 'string' && value.kind.endsWith('List');
}

function isUntyped(member: unknown): member is object {
  return isObject(member) && !('kind' in member) && !('apiVersion' in member);
}

/** Never with the text itself, which may hold a token. */
function problemOf(error: unknown, line: number): Document {
  if (error instanceof YamlProblem) return { mistake: error.message, cure: error.cure };
  const why = reason(error, line);
  const isBinary = /null byte|non-printable|JSON character/.test(why);
  const cure = isBinary ? 'Save it as UTF-8, without control characters.' : 'Correct it there; indent with spaces.';
  return { mistake: `is not YAML: ${why}`, cure };
}

function reason(error: unknown, line: number): string {
  if (!(error instanceof YAMLException)) return 'it cannot be read';
  if (error.mark === undefined) return error.reason;
  return `${error.reason} at line ${line + error.mark.line + 1}, column ${error.mark.column + 1}`;
}
