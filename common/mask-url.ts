/** URLs as they may be shown. */
import { MASK } from './secret.ts';

/**
 * As it is shown to whoever may not know what gives access: without its user info, and without the values of its query,
 * since no list of names would hold all that APIs call their keys. Takes a time that grows with the length alone.
 */
export function maskUrl(text: string): string {
  return (isUrl(text) ? text : maskMeantUserInfo(text))
    .replace(/\/\/[^/?#]*@/, `//${MASK}@`)
    .replaceAll(/([?&#][^=?&#]*=)[^&#]*/g, `$1${MASK}`);
}

/** What isn't a URL may have been meant as one: `user:password@host`, or a password with one of `/?#`. */
function maskMeantUserInfo(text: string): string {
  const [scheme = ''] = /^[a-z][-+.a-z0-9]*:\/\/+/i.exec(text) ?? [];
  const [word = ''] = /^\S*/.exec(text.slice(scheme.length)) ?? [];
  const end = word.lastIndexOf('@');
  if (!word.slice(0, Math.max(end, 0)).includes(':')) return text;
  return `${scheme}${MASK}${text.slice(scheme.length + end)}`;
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
