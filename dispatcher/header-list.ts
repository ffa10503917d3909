/** Headers of one request within a budget of bytes: what is needed goes in, what is only useful goes in while it fits. */

export class HeaderList {
  /** Names and values in turn. */
  readonly headers: string[];
  #left: number;
  #truncated = false;

  /** Begins with headers whose bytes are already off the budget; the array is filled further. */
  constructor(headers: string[], budget: number) {
    this.headers = headers;
    this.#left = budget - TRUNCATED_BYTES;
  }

  /** `value` is printable ASCII. */
  add(name: string, value: string): void {
    this.#left -= headerBytes(name, value);
    this.headers.push(name, value);
  }

  /** As `add`, while it fits; otherwise left out and marked at the end. */
  offer(name: string, value: string): void {
    if (headerBytes(name, value) > this.#left) {
      this.#truncated = true;
      return;
    }
    this.add(name, value);
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

const TRUNCATED_BYTES = headerBytes('event-truncated', 'true');
