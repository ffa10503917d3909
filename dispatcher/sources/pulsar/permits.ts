/** How many records each connection may send, so that all of them together stay within what was asked for. */

export interface PermitTaker {
  /** Records that were permitted and haven't come. */
  readonly outstanding: number;
  permit(count: number): void;
}

/**
 * Tops up equal shares of `wanted`. A permit can't be taken back, so idle topics keep theirs; a topic that has none gets
 * at least one, which is the only way in which the sum can exceed `wanted`.
 */
export function grantPermits(takers: readonly PermitTaker[], wanted: number): void {
  const share = Math.max(1, Math.floor(wanted / takers.length));
  let budget = wanted - takers.reduce((sum, taker) => sum + taker.outstanding, 0);
  for (const taker of takers) {
    const missing = Math.min(share - taker.outstanding, Math.max(budget, taker.outstanding === 0 ? 1 : 0));
    // Few large permits rather than one for each read.
    if (missing < 1 || (taker.outstanding > 0 && missing < share / 4)) continue;
    taker.permit(missing);
    budget -= missing;
  }
}
