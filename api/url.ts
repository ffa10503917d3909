/** URLs that a user wrote: what is wrong with them, and how they are shown. */

/**
 * As it is shown to whoever may not know what gives access: without its user info, and without the values of its query,
 * since no list of names would hold all that APIs call their keys.
 */
export function maskUrl(text: string): string {
  const shown = text.replace(/\/\/[^/?#]*@/, '//[secret]@').replaceAll(/([?&#][^=&#]*=)[^&#]*/g, '$1[secret]');
  // What isn't a URL may have been meant as one: `user:password@host`, or a password with a slash.
  return isUrl(text) ? shown : shown.replace(/^([a-z][-+.a-z0-9]*:\/\/)?[^?#\s]*:[^?#\s]*@/i, '$1[secret]@');
}

/** Of any scheme: the parser knows what a host is for http alone. Of several hosts, all have to be some. */
function isUrl(text: string): boolean {
  const [, hosts, rest = ''] = /^[a-z][-+.a-z0-9]*:\/\/([^/?#]*)(.*)$/is.exec(text) ?? [];
  return hosts?.split(',').every((host) => URL.canParse(`http://${host}${rest}`)) ?? false;
}

/** Whether it has a user or a password in it. */
export function hasUserInfo(text: string): boolean {
  return /^[a-z][-+.a-z0-9]*:\/\/[^/?#]*@/i.test(text);
}

/** The scheme that it begins with. */
export function schemeOf(text: string, schemes: readonly string[]): string | undefined {
  return schemes.find((known) => text.toLowerCase().startsWith(`${known}://`));
}

/** Undefined where it is right. Pulsar's own schemes take several hosts, separated by commas. */
export function urlMistake(text: string, schemes: readonly string[]): string | undefined {
  const scheme = schemeOf(text, schemes);
  if (scheme === undefined) return `it doesn't begin with ${schemes.map((known) => `${known}://`).join(' or ')}`;
  const [, hosts = '', rest = ''] = /^[^:]+:\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  const severalHosts = scheme.startsWith('pulsar');
  for (const host of severalHosts ? hosts.split(',') : [hosts]) {
    // The parser knows what a host is for http alone.
    if (host === '' || !URL.canParse(`http://${host}${rest}`)) return 'its host or port is wrong';
  }
  return undefined;
}
