/**
 * How long each step of a dispatcher's stop may take, in milliseconds, and the pod's grace period, which has room for all:
 *
 * ```
 *  SIGTERM ─▶ calls that run ─▶ those that don't end, aborted ─▶ source closed ─▶ sinks closed ─▶ exit ─▶ (spare)
 * ```
 */

/** Calls run no longer than `delivery.timeout`, and those of a stop no longer than this. */
const LONGEST_CALLS = 300_000;
/** How long aborted calls may take to notice. */
export const ABORTING = 1_000;
/** The broker's part of closing: the last acknowledgements, and a handshake. */
export const CLOSING_CONNECTIONS = 7_000;
export const CLOSING_SOURCE = CLOSING_CONNECTIONS + 1_000;
export const CLOSING_SINKS = 2_000;
/** For a signal that comes late, and a machine that is slow. */
const SPARE = 4_000;

/** `timeout` is `delivery.timeout`. */
export function waitForCalls(timeout: number): number {
  return Math.min(timeout, LONGEST_CALLS);
}

export function gracePeriodSeconds(timeout: number): number {
  return Math.ceil((waitForCalls(timeout) + ABORTING + CLOSING_SOURCE + CLOSING_SINKS + SPARE) / 1000);
}
