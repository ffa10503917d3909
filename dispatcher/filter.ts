/** Filters: CloudEvents attributes (and the data, for CEL) -> whether a record is delivered. */
import { CelBudget, type CelRecord, compileCel } from '../api/cel.ts';
import type { FilterSpec } from '../api/trigger.ts';
import { withoutHiding } from './payload-data.ts';

export type Attributes = Readonly<Record<string, string>>;

/** `data` is called when an expression reads it; it gives the parsed payload, and nothing where that isn't JSON. */
export type RecordPredicate = (attributes: Attributes, data: () => unknown) => boolean;

/**
 * True for an event that passes all of `filters`. Where a CEL expression fails (it reads an attribute that the event
 * lacks, compares what can't be compared, or takes too many steps) and the other filters don't decide, the event passes:
 * nothing is lost to a mistake in an expression. `onUndecided` is called for each that passes so.
 */
export function compileFilter(filters: readonly FilterSpec[], onUndecided = () => {}): RecordPredicate {
  const judge = all(filters.map(compile));
  return (attributes, data) => {
    const verdict = judge(new Event(attributes, data));
    if (verdict === undefined) onUndecided();
    return verdict !== false;
  };
}

/** One record, for all expressions: they parse its data once, and share its budget. */
class Event implements CelRecord {
  readonly attributes: Attributes;
  /** The attributes as expressions see them. */
  readonly event: Attributes;
  readonly #parse: () => unknown;
  #data: (() => unknown) | undefined;
  #budget: CelBudget | undefined;

  constructor(attributes: Attributes, parse: () => unknown) {
    this.attributes = attributes;
    this.event = withoutHiding(attributes);
    this.#parse = parse;
  }

  /** Throws where it can't be parsed, each time. */
  get data(): unknown {
    this.#data ??= resultOf(this.#parse);
    return this.#data() ?? null;
  }

  get budget(): CelBudget {
    this.#budget ??= new CelBudget();
    return this.#budget;
  }
}

function resultOf(parse: () => unknown): () => unknown {
  try {
    const data = parse();
    return () => data;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Undefined: it can't be told. */
type Judge = (event: Event) => boolean | undefined;

function compile(filter: FilterSpec): Judge {
  if ('exact' in filter) return attributesMatch(filter.exact, (value, wanted) => value === wanted);
  if ('prefix' in filter) return attributesMatch(filter.prefix, (value, wanted) => value.startsWith(wanted));
  if ('suffix' in filter) return attributesMatch(filter.suffix, (value, wanted) => value.endsWith(wanted));
  if ('all' in filter) return all(filter.all.map(compile));
  if ('any' in filter) return not(all(filter.any.map((inner) => not(compile(inner)))));
  if ('not' in filter) return not(compile(filter.not));
  return cel(filter.cel);
}

/** Every wanted attribute must be there and match. */
function attributesMatch(wanted: Attributes, matches: (value: string, wanted: string) => boolean): Judge {
  const entries = Object.entries(wanted);
  return ({ attributes }) =>
    entries.every(([name, text]) => {
      const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      return value !== undefined && matches(value, text);
    });
}

function all(judges: readonly Judge[]): Judge {
  return (event) => {
    let verdict: boolean | undefined = true;
    for (const judge of judges) {
      const one = judge(event);
      if (one === false) return false;
      if (one === undefined) verdict = undefined;
    }
    return verdict;
  };
}

function not(judge: Judge): Judge {
  return (event) => {
    const verdict = judge(event);
    return verdict === undefined ? undefined : !verdict;
  };
}

function cel(expression: string): Judge {
  const condition = compileCel(expression);
  return (event) => condition(event, event.budget);
}
