/** URLs as they may be shown. */
import { MASK } from './secret.ts';

/**
 * As it is shown to whoever may not know what gives access: without its user info, and without the values of its query,
 * since no list of names would hold all that APIs call their keys.
 */
export function maskUrl(text: string): string {
  const shown = text.replace(/\/\/[^/?#]*@/, `//${MASK}@`).replaceAll(/([?&#][^=&#]*=)[^&#]*/g, `$1${MASK}`);
  // What isn't a URL may have been meant as one: `user:password@host`, or a password with a slash.
  return isUrl(text) ? shown : shown.replace(/^([a-z][-+.a-z0-9]*:\/\/)?[^?#\s]*:(?!\/\/)[^?#\s]*@/i, `$1${MASK}@`);
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
