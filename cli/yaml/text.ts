/** Bytes of a manifest -> text, as kubectl decodes it. */

/** UTF-8 unless a byte order mark says UTF-16. What isn't valid becomes U+FFFD. */
export function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
