/** One signal that ends a call: when its time is over, or when one of its owners says so. */

export interface Deadline {
  readonly signal: AbortSignal;
  /** Milliseconds that were given. */
  readonly timeoutMs: number;
  isOver(): boolean;
  /** Lets go of timer and owners. The signal isn't aborted by it. */
  end(): void;
}

/** `AbortSignal.any` with a long-lived owner would keep every call in memory. */
export function createDeadline(timeoutMs: number, owners: readonly (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    controller.abort();
  }, timeoutMs);
  const releases = owners.map((owner) => follow(controller, owner));
  return {
    signal: controller.signal,
    timeoutMs,
    isOver: () => over,
    end() {
      clearTimeout(timer);
      for (const release of releases) release();
    },
  };
}

function follow(controller: AbortController, owner: AbortSignal | undefined): () => void {
  if (owner === undefined) return () => {};
  const abort = () => controller.abort(owner.reason);
  if (owner.aborted) abort();
  owner.addEventListener('abort', abort, { once: true });
  return () => owner.removeEventListener('abort', abort);
}
