/**
 * Tells calls that their signal was aborted, listening once a signal however many calls use it in turn. To add and remove a
 * listener for each call costs more than the rest of a call, most of it in garbage that outlives it.
 */

export interface Abortable {
  /** Called once at most, when the signal is aborted while the call runs. */
  aborted(): void;
}

export class AbortHooks {
  readonly #hooks = new WeakMap<AbortSignal, Hook>();

  /** The signal isn't aborted yet. */
  add(signal: AbortSignal, call: Abortable): void {
    let hook = this.#hooks.get(signal);
    if (hook === undefined) {
      hook = new Hook();
      this.#hooks.set(signal, hook);
      signal.addEventListener('abort', hook, { once: true });
    }
    if (hook.first === undefined) hook.first = call;
    else hook.others.add(call);
  }

  remove(signal: AbortSignal, call: Abortable): void {
    const hook = this.#hooks.get(signal);
    if (hook === undefined) return;
    if (hook.first === call) hook.first = undefined;
    else hook.others.delete(call);
  }
}

class Hook {
  /** Nearly always the only one. */
  first: Abortable | undefined;
  readonly others = new Set<Abortable>();

  handleEvent(): void {
    const calls = this.first === undefined ? [...this.others] : [this.first, ...this.others];
    for (const call of calls) call.aborted();
  }
}
