/** What a pattern may not have, so that compiling it is quick: told from its text, before RE2 sees it. */

/** Says what is wrong with a pattern: follows "whose pattern". */
export class PatternProblem extends Error {}

const LONGEST = 1000;
/** How far the size told from a text may be above the true one. */
const ROUGHNESS = 4;

/** Undefined where it is worth compiling: it then has a few times `most` instructions at most. */
export function patternProblem(text: string, most: number): string | undefined {
  if (text.length > LONGEST) return `has ${text.length} characters, more than ${LONGEST}`;
  if (sizeOf(text) > ROUGHNESS * most) return `needs more than ${most} instructions`;
  if (SCRIPT.test(text)) return 'has a class of characters that is not a general category such as \\p{L} or \\p{Lu}';
  // RE2 looks each character of such a range up, 0.1 million of them.
  if (FOLDED.test(text) && WIDE_RANGE.test(text)) return 'has a range beyond ASCII while it ignores case';
  return undefined;
}

/** The tables of scripts are many, and take 0.1 s each to make. */
const SCRIPT = /\\[pP](?!\{\^?[A-Z][a-z]?\}|[A-Z])/;
const FOLDED = /\(\?[a-zA-Z]*i/;
const WIDE_RANGE = /-(?:\\x\{|[^\0-\x7f])/;

/**
 * An upper bound of what the counted repetitions make of it. A count after a group multiplies all that is before it:
 * which `(` is that of the group needn't be told.
 */
function sizeOf(text: string): number {
  let size = 0;
  let rest = 0;
  for (const { 0: repeat, index, groups } of text.matchAll(/\{(?<least>\d{1,4})(?:,(?<most>\d{0,4}))?\}/g)) {
    size += index - rest;
    rest = index + repeat.length;
    const times = Math.max(Number(groups?.least), Number(groups?.most ?? 0), 1);
    // An optional repetition has a branch beside its character.
    size = text[index - 1] === ')' ? size * times : size + 2 * times;
  }
  return size + text.length - rest;
}
