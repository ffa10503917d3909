/** URLs as they may be shown. */
import { MASK } from './secret.ts';

/**
 * As it is shown to whoever may not know what gives access: without its user info, and without the values of its query,
 * since no list of names would hold all that APIs call their keys.
 */
export function maskUrl(text: string): string {
  const shown = text.replace(/\/\/[^/?#]*@/, `//${MASK}@`).replaceAll(/([?&#][^?=&#]*=)[^&#]*/g, `$1${MASK}`);
  return isUrl(text) ? shown : maskUser(shown);
}

/** What isn't a URL may have been meant as one: `user:password@host`, or a password with a slash. In linear time. */
function maskUser(text: string): string {
  const [address = ''] = /^[^?#\s]*/.exec(text) ?? [];
  const [scheme = ''] = /^[a-z][-+.a-z0-9]*:\/\//i.exec(address) ?? [];
  const end = address.lastIndexOf('@');
  const colon = address.indexOf(':', scheme.length);
  return colon >= 0 && colon < end ? `${scheme}${MASK}${text.slice(end)}` : text;
}

/** Of any scheme: the parser knows what a host is for http alone. Of several hosts, all have to be some. */
function isUrl(text: string): boolean {
  const [, hosts] = /^[a-z][-+.a-z0-9]*:\/\/([^/?#]*)/i.exec(text) ?? [];
  return hosts?.split(',').every((host) => URL.canParse(`http://${host}`)) ?? false;
}

/** Text with URLs in it, without the user info of each. */
export function maskUsersIn(text: string): string {
  return text.replace(/\/\/[^/?#\s]*@/g, `//${MASK}@`);
}

/** Whether it has a user or a password in it. */
export function hasUserInfo(text: string): boolean {
  return /^[a-z][-+.a-z0-9]*:\/\/[^/?#]*@/i.test(text);
}
