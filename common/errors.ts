/** Errors as text. */

/** What was thrown, in one sentence and without its stack. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    // What is thrown can be anything, even an object that can't be read.
    return 'an error that cannot be read';
  }
}
