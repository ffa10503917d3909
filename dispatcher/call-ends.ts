/** Lets others wait until calls have ended. */

export class CallEnds {
  readonly #checks = new Set<() => void>();

  /** A call has ended. */
  note(): void {
    if (this.#checks.size > 0) for (const check of this.#checks) check();
  }

  /** Resolves when `isRunning` says no, or after `most` milliseconds. */
  async until(isRunning: () => boolean, most: number): Promise<void> {
    if (!isRunning()) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#checks.delete(check);
        resolve();
      };
      const check = () => {
        if (!isRunning()) end();
      };
      const timer = setTimeout(end, most);
      this.#checks.add(check);
    });
  }
}
