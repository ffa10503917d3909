/** How many records each connection may send, so that all of them together stay within what was asked for. */

export interface PermitTaker {
  /** Records that were permitted and haven't come. */
  readonly outstanding: number;
  permit(count: number): void;
}

/**
 * Tops up equal shares of `wanted`. A permit can't be taken back, so idle topics keep theirs, even all of them; a topic that
 * has none gets a quarter of its share all the same, which is the only way in which the sum can exceed `wanted`.
 */
export function grantPermits(takers: readonly PermitTaker[], wanted: number): void {
  const share = Math.max(1, Math.floor(wanted / takers.length));
  let budget = wanted - takers.reduce((sum, taker) => sum + taker.outstanding, 0);
  for (const taker of takers) {
    const least = taker.outstanding === 0 ? Math.ceil(share / 4) : 0;
    const missing = Math.min(share - taker.outstanding, Math.max(budget, least));
    // Few large permits rather than one for each read.
    if (missing < 1 || (taker.outstanding > 0 && missing < share / 4)) continue;
    taker.permit(missing);
    budget -= missing;
  }
}
