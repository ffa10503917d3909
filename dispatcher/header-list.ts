/** Headers of one request within a budget of bytes and fields: what is needed goes in, what is useful while it fits. */

export class HeaderList {
  /** Names and values in turn. */
  readonly headers: string[];
  #bytes: number;
  /** How many more attributes of the record may become headers. */
  #attributes = MAX_ATTRIBUTES;
  #truncated = false;

  /** Begins with headers whose bytes are already off the budget; the array is filled further. */
  constructor(headers: string[], budget: number) {
    this.headers = headers;
    this.#bytes = budget - TRUNCATED_BYTES;
  }

  /** `value` is printable ASCII. */
  add(name: string, value: string): void {
    this.#bytes -= headerBytes(name, value);
    this.headers.push(name, value);
  }

  /** As `add`, while it fits; otherwise left out and marked at the end. */
  offer(name: string, value: string): void {
    if (headerBytes(name, value) > this.#bytes) {
      this.#truncated = true;
      return;
    }
    this.add(name, value);
  }

  /** Whether this leaves enough bytes for the headers that have to follow. */
  hasRoom(name: string, value: string): boolean {
    return headerBytes(name, value) <= this.#bytes - NEEDED_BYTES;
  }

  /** As `add`, for an attribute of the record in the place of a header of ours. */
  addAttribute(name: string, value: string): void {
    this.#attributes--;
    this.add(name, value);
  }

  /** As `offer`, for an attribute of the record: they are limited in number as well. */
  offerAttribute(name: string, value: string): void {
    if (this.#attributes <= 0 || headerBytes(name, value) > this.#bytes) {
      this.#truncated = true;
      return;
    }
    this.addAttribute(name, value);
  }

  /** Says that something was left out. */
  truncate(): void {
    this.#truncated = true;
  }

  finish(): string[] {
    if (this.#truncated) {
      this.headers.push('event-truncated', 'true');
    }
    return this.headers;
  }
}

/** With the colon, the space and the end of line. */
export function headerBytes(name: string, value: string): number {
  return name.length + value.length + 4;
}

/** For `event-id`, `event-time` and what a CloudEvent needs, where no producer has a say. */
const NEEDED_BYTES = 1024;

const TRUNCATED_BYTES = headerBytes('event-truncated', 'true');

/** Common servers refuse 100 header fields, some 96; ours, those of HTTP and those of a dead letter are 25 at most. */
const MAX_ATTRIBUTES = 64;
