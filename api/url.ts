/** What is wrong with a URL that a user wrote. */

/** Undefined where it is right. Pulsar's own schemes take several hosts, separated by commas. */
export function urlMistake(text: string, schemes: readonly string[]): string | undefined {
  const scheme = schemes.find((known) => text.toLowerCase().startsWith(`${known}://`));
  if (scheme === undefined) return `it doesn't begin with ${schemes.map((known) => `${known}://`).join(' or ')}`;
  const [, hosts = '', rest = ''] = /^[^:]+:\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  const severalHosts = scheme.startsWith('pulsar');
  for (const host of severalHosts ? hosts.split(',') : [hosts]) {
    // The parser knows what a host is for http alone.
    if (host === '' || !URL.canParse(`http://${host}${rest}`)) return 'its host or port is wrong';
  }
  return undefined;
}
