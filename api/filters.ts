/** Checks filters, whose recursive form the schema leaves open. */
import { celMistake } from './cel.ts';
import { isObject, unknownField } from './check.ts';
import { show } from './show.ts';
import type { Problem } from './trigger.ts';

const DEEPEST = 5;
const MOST = 100;
const DIALECTS = ['exact', 'prefix', 'suffix', 'all', 'any', 'not', 'cel'];
const ONE = `Write an object with one of the fields ${DIALECTS.join(', ')}.`;
const ATTRIBUTE = /^[a-z0-9]{1,64}$/;

/** Problems below `path`, none for filters that are right. */
export function checkFilters(filters: readonly unknown[], path: string): readonly Problem[] {
  const walk: Walk = { problems: [], nodes: 0 };
  for (const [index, filter] of filters.entries()) checkFilter(filter, `${path}[${index}]`, 1, walk);
  if (walk.nodes <= MOST) return walk.problems;
  return [...walk.problems, { path, message: `has more than ${MOST} filters`, cure: 'Say it shorter with cel.' }];
}

interface Walk {
  readonly problems: Problem[];
  nodes: number;
}

function checkFilter(filter: unknown, path: string, depth: number, walk: Walk): void {
  const complain = (at: string, message: string, cure: string) => walk.problems.push({ path: at, message, cure });
  walk.nodes += 1;
  if (walk.nodes > MOST) return;
  if (depth > DEEPEST) return void complain(path, `is ${depth} filters deep, more than ${DEEPEST}`, 'Nest less.');
  if (!isObject(filter)) return void complain(path, `is ${show(filter, path)}, which isn't a filter`, ONE);
  const names = Object.keys(filter);
  if (names.length !== 1) {
    const which = names.length === 0 ? 'no dialect' : `${names.length} dialects: ${names.slice(0, 8).join(', ')}`;
    complain(path, `has ${which}`, names.length === 0 ? ONE : 'Write one; all holds several.');
  }
  for (const [dialect, operand] of Object.entries(filter)) {
    const here = `${path}.${dialect}`;
    if (dialect === 'exact' || dialect === 'prefix' || dialect === 'suffix') {
      checkAttributes(operand, here, walk);
    } else if (dialect === 'all' || dialect === 'any') {
      if (!Array.isArray(operand) || operand.length === 0) {
        complain(
          here,
          `is ${show(operand, here)}, which isn't a list of filters`,
          'Write a list of at least one filter.',
        );
        continue;
      }
      for (const [index, inner] of operand.entries()) {
        if (walk.nodes > MOST) return;
        checkFilter(inner, `${here}[${index}]`, depth + 1, walk);
      }
    } else if (dialect === 'not') {
      checkFilter(operand, here, depth + 1, walk);
    } else if (dialect === 'cel') {
      const mistake = celMistake(operand);
      if (mistake !== undefined) complain(here, mistake.message, mistake.cure);
    } else {
      walk.problems.push(unknownField(dialect, DIALECTS, path));
    }
  }
}

function checkAttributes(operand: unknown, path: string, walk: Walk): void {
  if (!isObject(operand) || Object.keys(operand).length === 0) {
    const message = `is ${show(operand, path)}, which doesn't map an attribute to text`;
    walk.problems.push({ path, message, cure: 'Write an attribute and its value, such as type: order.paid.' });
    return;
  }
  for (const [name, value] of Object.entries(operand)) {
    const here = `${path}.${name}`;
    if (!ATTRIBUTE.test(name)) {
      const cure = 'Write an attribute such as type, source, subject or an extension: lower-case letters and digits.';
      walk.problems.push({ path: here, message: "isn't the name of a CloudEvents attribute", cure });
    } else if (typeof value !== 'string' || value === '') {
      const cure = 'Write text that is not empty, in quotes where it looks like something else.';
      walk.problems.push({
        path: here,
        message: `is ${value === '' ? 'empty' : `${show(value, here)}, not text`}`,
        cure,
      });
    }
  }
}
