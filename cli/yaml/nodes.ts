/** The nodes of one YAML document, one after the other, and where they are. */
import {
  type AliasEvent,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  parseEvents,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml';

export type Collection = SequenceEvent | MappingEvent;
/** The beginning of a node, or all of it. */
export type NodeEvent = ScalarEvent | AliasEvent | Collection;

/** Why there is no value, as the rest of a sentence about the document. Never holds text, which may be a token. */
export class YamlProblem extends Error {
  readonly cure: string;

  constructor(mistake: string, cure: string) {
    super(mistake);
    this.cure = cure;
  }
}

export class Nodes {
  readonly source: string;
  readonly #line: number;
  readonly #events: readonly Event[];
  // The first event begins the document.
  #index = 1;
  #counted = { offset: 0, lines: 0 };

  /** `line` is how many lines are before the document. Throws js-yaml's `YAMLException`. */
  constructor(source: string, line: number) {
    this.source = source;
    this.#line = line;
    this.#events = parseEvents(source, {});
  }

  peek(): NodeEvent {
    const event = this.#events[this.#index];
    if (event && isNode(event)) return event;
    throw new YamlProblem('is not YAML: it ends in the middle', 'Complete it.');
  }

  take(): NodeEvent {
    const event = this.peek();
    this.#index++;
    return event;
  }

  /** Whether the collection that was begun last has another node; steps over its end. */
  hasMore(): boolean {
    if (this.#events[this.#index]?.type !== EVENT_ID.POP) return true;
    this.#index++;
    return false;
  }

  /** The first node of another document in the same text. */
  ofNextDocument(): NodeEvent | undefined {
    return this.#events.slice(this.#index).find(isNode);
  }

  /** The text that a scalar means. */
  text(event: ScalarEvent): string {
    return getScalarValue(this.source, event);
  }

  /** As written, such as `!!int`; empty where there is none. */
  tag(event: ScalarEvent): string {
    return this.source.slice(event.tagStart, event.tagEnd).replace(/^!<tag:yaml\.org,2002:(.*)>$/, '!!$1');
  }

  /** Without `&` or `*`; empty where there is none. */
  anchor(event: NodeEvent): string {
    return this.source.slice(event.anchorStart, event.anchorEnd);
  }

  /** Counted from 1 in the file. Asked in order, it is cheap. */
  lineOf(place: NodeEvent | number): number {
    const offset = typeof place === 'number' ? place : this.#offsetOf(place);
    if (offset < this.#counted.offset) this.#counted = { offset: 0, lines: 0 };
    const between = this.source.slice(this.#counted.offset, offset);
    this.#counted = { offset, lines: this.#counted.lines + between.split('\n').length - 1 };
    return this.#line + this.#counted.lines + 1;
  }

  /** An empty scalar counts as where the node before it begins. */
  #offsetOf(event: NodeEvent): number {
    const own = ownOffset(event);
    if (own >= 0) return own;
    const before = this.#events.slice(0, this.#events.indexOf(event)).filter(isNode);
    return before.map(ownOffset).findLast((offset) => offset >= 0) ?? 0;
  }

  problem(place: NodeEvent | number, what: string, cure: string): YamlProblem {
    return new YamlProblem(`line ${this.lineOf(place)} has ${what}`, cure);
  }
}

function isNode(event: Event): event is NodeEvent {
  return event.type !== EVENT_ID.DOCUMENT && event.type !== EVENT_ID.POP;
}

/** Negative for an empty scalar without tag and anchor. */
function ownOffset(event: NodeEvent): number {
  const value = 'start' in event ? event.start : 'valueStart' in event ? event.valueStart : -1;
  const tag = 'tagStart' in event ? event.tagStart : -1;
  return [value, tag].find((offset) => offset >= 0) ?? event.anchorStart;
}
