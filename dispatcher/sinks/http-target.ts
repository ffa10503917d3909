/** The parts of an http(s) URL that a request needs, and where a redirect leads. */

/** Where a request goes. Equal targets aren't the same object. */
export interface HttpTarget {
  /** Scheme, host and port, without user info. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

/** Throws a TypeError when the URL isn't absolute http(s); the message carries no part of it, which may be a secret. */
export function parseTarget(url: string): HttpTarget {
  const target = resolveTarget(url);
  if (target === undefined) {
    throw new TypeError(
      'the URL is not an absolute http(s) URL: write for example http://my-function.default:8080/path',
    );
  }
  return target;
}

/** The target of a `Location`, which may be relative; undefined when it is none. Its user info is never used. */
export function resolveTarget(location: string, base?: HttpTarget): HttpTarget | undefined {
  const url = URL.parse(location, base && base.origin + base.path);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return undefined;
  }
  return { origin: url.origin, path: url.pathname + url.search };
}

/** `Basic …` of the user info of a URL; undefined when it has none. */
export function authorizationOf(url: string): string | undefined {
  const { username, password } = new URL(url);
  if (username === '' && password === '') {
    return undefined;
  }
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A percent sign that begins no escape stands for itself.
    return part;
  }
}
