import { MASK } from './secret.ts';

/** A URL as it may be shown: without its user info and without the values of its query. */
export function maskUrl(text: string): string {
  return text.replace(/\/\/[^/?#]*@/, `//${MASK}@`).replaceAll(/([?&][^=&#]*=)[^&#]*/g, `$1${MASK}`);
}
