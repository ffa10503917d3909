/** Errors as text. */

/** What was thrown, in one sentence and without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
