/** The commands that a page of the documentation tells its readers to run. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Command {
  /** Relative to the root. */
  readonly page: string;
  /** Of its first line, from 1. */
  readonly line: number;
  /** All of its lines. */
  readonly text: string;
}

export function readCommands(page: string): readonly Command[] {
  return commandsOf(readFileSync(fileURLToPath(new URL(`../../${page}`, import.meta.url)), 'utf8'), page);
}

const FENCE = /^( *)```(.*)$/;

/**
 * Every command of the blocks ```` ```sh ````, in their order; one that ends in a backslash, or whose quotes or here-document
 * stay open, goes on in the next line. Throws where a block is of a language that neither is a shell's nor shows something.
 */
export function commandsOf(markdown: string, page: string): readonly Command[] {
  const commands: Command[] = [];
  let fence: { readonly indent: string; readonly language: string } | undefined;
  let begun: Command | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const [, indent = '', language] = FENCE.exec(line) ?? [];
    if (language !== undefined) {
      if (begun !== undefined) throw new Error(`reading ${page}:${begun.line}: the command doesn't end in its block`);
      fence = fence === undefined ? { indent, language } : undefined;
      if (!LANGUAGES.has(language)) throw new Error(`reading ${page}:${index + 1}: what is a block of ${language}?`);
    } else if (fence?.language === 'sh') {
      const text: string = line.startsWith(fence.indent) ? line.slice(fence.indent.length) : line;
      if (begun === undefined && !/^\s*[^#\s]/.test(text)) continue;
      begun = begun === undefined ? { page, line: index + 1, text } : { ...begun, text: `${begun.text}\n${text}` };
      if (!goesOn(begun.text)) {
        commands.push(begun);
        begun = undefined;
      }
    }
  }
  return commands;
}

/** Of what a block may be; '' is a picture, or the end of a block. */
const LANGUAGES: ReadonlySet<string> = new Set(['', 'sh', 'yaml']);

function goesOn(text: string): boolean {
  if (text.endsWith('\\')) return true;
  const end = /<<-?\s*['"]?(\w+)/.exec(text)?.[1];
  if (end !== undefined) return !text.split('\n').slice(1).includes(end);
  const quotes =
    text
      .replace(/\\./g, '')
      .replace(/\s#.*$/gm, '')
      .match(/'[^']*'|"[^"]*"|['"]/g) ?? [];
  return quotes.some((quoted) => quoted.length === 1);
}
