/** Text from elsewhere, made fit for a status or an Event: one line, without control characters, cut. */

/** The longest text that is taken over from a pod, an Event or a dispatcher, in bytes. */
const QUOTED = 256;

/** The longest sentence of a dispatcher on why records wait, with its cure, in bytes. */
export const LONGEST_HOLD = 800;

/** `longest` is in bytes, as the API server counts. */
export function plainText(text: string, longest = QUOTED): string {
  // Also what reverses or hides text in a terminal: bidirectional controls, zero-width and private characters.
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const bytes = Buffer.from(line);
  if (bytes.length <= longest) return line;
  const cut = bytes.subarray(0, longest - ELLIPSIS.length).toString();
  // A character that was cut in half.
  return `${cut.replace(/\uFFFD+$/, '')}${ELLIPSIS}`;
}

const ELLIPSIS = Buffer.from('…');
