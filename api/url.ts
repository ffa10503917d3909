/** URLs that a user wrote: what is wrong with them, and their one spelling. */

/** Undefined where it is right. Pulsar's own schemes take several hosts, separated by commas. */
export function urlMistake(text: string, schemes: readonly string[]): string | undefined {
  const url = normalUrl(text);
  const scheme = schemeOf(url, schemes);
  if (scheme === undefined) return `it doesn't begin with ${schemes.map((known) => `${known}://`).join(' or ')}`;
  // Parsers drop line breaks and tabs silently, and a variable of the environment can't hold NUL.
  if (hasControl(url)) return 'it has a line break or another control character in it';
  const [, hosts = ''] = /^[^:]+:\/\/([^/?#]*)/.exec(url) ?? [];
  const severalHosts = scheme.startsWith('pulsar');
  for (const host of severalHosts ? hosts.split(',') : [hosts]) {
    // The parser knows what a host is for http alone.
    if (host === '' || !URL.canParse(`http://${host}`)) return 'its host or port is wrong';
  }
  return undefined;
}

/** Control characters, of which a line break is one. */
export function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** The scheme that it begins with. */
export function schemeOf(text: string, schemes: readonly string[]): string | undefined {
  return schemes.find((known) => normalUrl(text).startsWith(`${known}://`));
}

/** Without the white space around it, as in a block of YAML, and with its scheme in small letters. */
export function normalUrl(text: string): string {
  return text.trim().replace(/^[^:/?#]*:/, (scheme) => scheme.toLowerCase());
}
