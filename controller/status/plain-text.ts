/** Text from elsewhere, made fit for a status or an Event: one line, without control characters, cut. */

/** The longest text that is taken over from a pod, an Event or a dispatcher. */
export const QUOTED = 256;

export function plainText(text: string, longest = QUOTED): string {
  // Also what reverses or hides text in a terminal: bidirectional controls, zero-width and private characters.
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  if (line.length <= longest) return line;
  return `${line.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
