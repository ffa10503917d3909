/** The value of one YAML document, as kubectl would send it. */
import { type AliasEvent, EVENT_ID, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { isObject } from '../../api/check.ts';
import { type Collection, type NodeEvent, Nodes, YamlProblem } from './nodes.ts';
import { isSurprising, readPlain, readTagged, type Scalar } from './scalars.ts';

export interface YamlValue {
  readonly value: unknown;
  /** What may be meant otherwise than it is read. */
  readonly warnings: readonly string[];
}

/**
 * `line` is how many lines are before the document. Throws a `YamlProblem` or js-yaml's `YAMLException` for what kubectl
 * doesn't take or JSON can't hold, and for a key that is there twice, of which kubectl would send the last.
 */
export function readValue(source: string, line: number): YamlValue {
  const reader = new Reader(source, line);
  return { value: reader.document(), warnings: reader.warnings };
}

interface Node {
  readonly value: unknown;
  /** Values in it, itself included, and what its aliases stand for. */
  readonly size: number;
}

/** So many are read within a second. */
const MAX_VALUES = 200_000;
/** From so many values on kubectl takes it for an attack when this part of them comes from aliases. */
const ALIASED = { values: 1000, part: 0.99 };

const LONGEST_KEY = 80;
const LONGEST_NUMBER = 12;

/** Ends of lines in YAML 1.1 only. */
const LINE_ENDS = /[\u0085\u2028\u2029]/;
/** Escapes that JSON has and YAML 1.1 doesn't: a slash, and halves of a pair. */
const ESCAPES_OF_JSON = /(?<!\\)(?:\\\\)*\\(?:\/|ud[89a-f])/i;

class Reader {
  readonly warnings: string[] = [];
  readonly #nodes: Nodes;
  readonly #isJson: boolean;
  /** Undefined while it is read. */
  readonly #anchors = new Map<string, Node | undefined>();
  #aliased = 0;

  constructor(source: string, line: number) {
    this.#nodes = new Nodes(source, line);
    this.#isJson = isJson(source);
  }

  document(): unknown {
    const lineEnd = this.#nodes.source.search(LINE_ENDS);
    if (lineEnd >= 0 && !this.#isJson) {
      const cure = 'Write it as an escape in double quotes: "\\u2028".';
      throw this.#nodes.problem(lineEnd, 'a Unicode line separator', cure);
    }
    const { value, size } = this.#node();
    if (this.#aliased > ALIASED.part * size && size > ALIASED.values) throw tooManyValues();
    const second = this.#nodes.ofNextDocument();
    if (second) throw this.#nodes.problem(second, 'another document', 'Put a line of --- before it.');
    return value;
  }

  #node(): Node {
    const event = this.#nodes.take();
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event);
    const anchor = this.#nodes.anchor(event);
    if (anchor !== '') this.#anchors.set(anchor, undefined);
    const node = event.type === EVENT_ID.SCALAR ? this.#scalar(event) : this.#collection(event);
    if (anchor !== '') this.#anchors.set(anchor, node);
    return node;
  }

  #alias(event: AliasEvent): Node {
    const name = this.#nodes.anchor(event);
    const node = this.#anchors.get(name);
    if (node === undefined) {
      const where = this.#anchors.has(name) ? `inside of &${name}` : `and no &${name} before it in its document`;
      throw this.#nodes.problem(event, `*${name} ${where}`, 'Repeat what is meant.');
    }
    this.#aliased += node.size;
    if (this.#aliased > MAX_VALUES) throw tooManyValues();
    return node;
  }

  #scalar(event: ScalarEvent): Node {
    const { tag, value } = this.#typed(event);
    const isHeld = (tag !== '!!float' || Number.isFinite(value)) && (tag !== '!!int' || Number.isSafeInteger(value));
    if (!isHeld) {
      const what = `${this.#shown(event)}, a number that JSON doesn't have or that isn't kept exactly`;
      throw this.#nodes.problem(event, what, 'Write another, or quote it to mean text.');
    }
    return { value, size: 1 };
  }

  #typed(event: ScalarEvent): Scalar {
    const text = this.#nodes.text(event);
    const tag = this.#nodes.tag(event);
    if (tag !== '') {
      const tagged = readTagged(tag, text);
      if (tagged) return tagged;
      throw this.#nodes.problem(event, `text that isn't ${tag}`, 'Correct the text, or leave the tag out.');
    }
    if (event.style === SCALAR_STYLE.PLAIN) {
      const scalar = readPlain(text);
      if (isSurprising(text, scalar)) this.#warn(event, scalar);
      return scalar;
    }
    const raw = this.#nodes.source.slice(event.valueStart, event.valueEnd);
    if (event.style === SCALAR_STYLE.DOUBLE_QUOTED && !this.#isJson && ESCAPES_OF_JSON.test(raw)) {
      throw this.#nodes.problem(event, 'an escape of JSON that YAML 1.1 lacks', 'Write the character itself.');
    }
    return { tag: '!!str', value: text.toWellFormed() };
  }

  #collection(event: Collection): Node {
    const node = event.type === EVENT_ID.SEQUENCE ? this.#sequence() : this.#mapping();
    if (node.size > MAX_VALUES) throw tooManyValues();
    return node;
  }

  #sequence(): Node {
    const items: unknown[] = [];
    let size = 1;
    while (this.#nodes.hasMore()) {
      const item = this.#node();
      items.push(item.value);
      size += item.size;
    }
    return { value: items, size };
  }

  #mapping(): Node {
    const entries = new Map<string, unknown>();
    const keys = new Map<string, NodeEvent>();
    let size = 1;
    while (this.#nodes.hasMore()) {
      const event = this.#nodes.peek();
      const isMerge = this.#isMerge(event);
      const key = this.#node();
      const valueEvent = this.#nodes.peek();
      const node = this.#node();
      size += key.size + node.size;
      if (isMerge) {
        for (const [name, value] of this.#merged(event, valueEvent, node.value)) entries.set(name, value);
        continue;
      }
      const name = this.#name(event, key.value);
      const earlier = keys.get(name);
      if (earlier) throw this.#twice(name, earlier, event);
      keys.set(name, event);
      entries.set(name, node.value);
    }
    return { value: Object.fromEntries(entries), size };
  }

  #isMerge(event: NodeEvent): event is ScalarEvent {
    if (event.type !== EVENT_ID.SCALAR || this.#nodes.text(event) !== '<<') return false;
    const tag = this.#nodes.tag(event);
    return tag === '!!merge' || (tag === '' && event.style === SCALAR_STYLE.PLAIN);
  }

  /** As kubectl merges: what comes later in the mapping wins, a merge over the keys before it too. */
  #merged(event: NodeEvent, valueEvent: NodeEvent, value: unknown): readonly (readonly [string, unknown])[] {
    const isList = Array.isArray(value) && valueEvent.type === EVENT_ID.SEQUENCE;
    const sources: readonly unknown[] = isList ? value.toReversed() : [value];
    if (sources.every(isObject)) return sources.flatMap((source) => Object.entries(source));
    const what = '<< with something else than a mapping or a list of mappings';
    throw this.#nodes.problem(event, what, 'Name the anchor of a mapping: "<<: *name".');
  }

  #name(event: NodeEvent, key: unknown): string {
    if (typeof key === 'string' || typeof key === 'boolean' || Number.isInteger(key)) return String(key);
    throw this.#nodes.problem(event, 'a key that is neither text nor a whole number', 'Quote it.');
  }

  #twice(name: string, earlier: NodeEvent, event: NodeEvent): YamlProblem {
    const key = JSON.stringify(name.length > LONGEST_KEY ? `${name.slice(0, LONGEST_KEY)}…` : name);
    const first = this.#nodes.lineOf(earlier);
    return this.#nodes.problem(event, `the key ${key}, which line ${first} has already`, 'Keep one of them.');
  }

  #warn(event: ScalarEvent, { value }: Scalar): void {
    const shown = this.#shown(event);
    const meaning = shown === this.#nodes.text(event) ? `${value}` : 'read as such';
    const line = this.#nodes.lineOf(event);
    this.warnings.push(`line ${line}: ${shown} is ${meaning}, here and for kubectl; quote it to mean text`);
  }

  /** A long number may be a token. */
  #shown(event: ScalarEvent): string {
    const text = this.#nodes.text(event);
    return text.length > LONGEST_NUMBER ? `a number of ${text.length} characters` : text;
  }
}

function tooManyValues(): YamlProblem {
  const mistake = `stands for more than ${MAX_VALUES} values, or nearly all of them are from aliases`;
  return new YamlProblem(mistake, 'Use fewer aliases (*name).');
}

function isJson(source: string): boolean {
  if (!/^\s*\{/.test(source)) return false;
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}
