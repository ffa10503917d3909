/** URI references of RFC 3986: which texts are one, and which one stands for a name. */

/** Absolute: it has a scheme. */
export function isUri(text: string): boolean {
  return URI.test(text);
}

export function isUriReference(text: string): boolean {
  return URI_REFERENCE.test(text);
}

/**
 * The URI reference of a name such as `scheme://authority/path`, where the scheme and the authority are optional: each part
 * is percent-encoded once, so that decoding it once gives the name back. `%`, `?` and `#` are characters of the name like
 * any other; a lone surrogate becomes U+FFFD. The empty name is `/`.
 */
export function uriReferenceOf(name: string): string {
  if (name === '') return '/';
  const [, scheme = '', authority = '', path = ''] = PARTS.exec(name.toWellFormed()) ?? [];
  const encodedPath = path.replace(NOT_IN_PATH, encodeURIComponent);
  if (scheme !== '' || authority !== '') {
    return scheme + authority.replace(NOT_IN_AUTHORITY, encodeURIComponent) + encodedPath;
  }
  // Without a scheme, a colon in the first segment would end one.
  return encodedPath.replace(FIRST_SEGMENT, (segment) => segment.replaceAll(':', '%3A'));
}

const PARTS = /^([a-z][a-z\d+.-]*:)?(\/\/[^/]*)?(.*)$/is;
const FIRST_SEGMENT = /^[^/]*/;
// Whole runs, so that both halves of a surrogate pair come together.
const NOT_IN_PATH = /[^\w\-.~!$&'()*+,;=:@/]+/g;
/** A colon only before the port. */
const NOT_IN_AUTHORITY = /:(?!\d*$)|[^\w\-.~!$&'()*+,;=:/]+/g;

// Appendix B, with the characters that each part allows; without a scheme the first segment has no colon.
const SCHEME = '[a-z][a-z\\d+.-]*:';
const IP_LITERAL = '//(?:[^@/?#]*@)?\\[[\\da-f:.]+\\](?=[:/?#]|$)';
const PATH = "(?:[\\w\\-.~!$&'()*+,;=:@/]|%[\\da-f]{2})*";
const QUERY = "(?:[\\w\\-.~!$&'()*+,;=:@/?]|%[\\da-f]{2})*";
const REST = `(?:${IP_LITERAL})?${PATH}(?:\\?${QUERY})?(?:#${QUERY})?$`;
const URI = new RegExp(`^${SCHEME}${REST}`, 'i');
const URI_REFERENCE = new RegExp(`^(?:${SCHEME}|(?=.)(?![^/?#]*:))${REST}`, 'i');
