/** How an offending value is printed: short, and never with a credential. */
import { maskUrl } from './url.ts';

const LONGEST = 80;
const CONFIDENTIAL = /token|secret|password|credential/i;

/** `path` tells whether the value may be a credential. */
export function show(value: unknown, path: string): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const field = path.slice(path.lastIndexOf('.') + 1);
  if (CONFIDENTIAL.test(field)) return `a ${typeof value}`;
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(shorten(maskUrl(value)));
}

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
