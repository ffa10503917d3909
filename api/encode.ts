/** The variable `TRIGGER`: how a trigger travels from the controller to its dispatcher, as written there. */
import { canonicalJson } from '../common/canonical-json.ts';
import { isObject } from './check.ts';
import type { Problem } from './trigger.ts';

/** Of the form; a change that an older dispatcher would misread raises it. */
export const VERSION = 1;
const LONGEST = 65_536;

/** Not for the dispatcher: how it is deployed, how many there are, and a token in the clear, which has its own variable. */
const LEFT_OUT = ['deployment', 'scaling'];
const SECRET = 'auth-token';

/**
 * Versioned JSON with sorted keys and only what the user set, so that it changes only when the user changed something.
 * The manifest is one that `parseTrigger` takes.
 */
export function encodeTrigger(manifest: unknown): string {
  const { apiVersion, kind, metadata, spec } = isObject(manifest) ? manifest : {};
  const { name, namespace } = isObject(metadata) ? metadata : {};
  const kept = isObject(spec) ? Object.entries(spec).filter(([field]) => !LEFT_OUT.includes(field)) : [];
  return canonicalJson({
    v: VERSION,
    apiVersion,
    kind,
    name,
    namespace,
    spec: Object.fromEntries(kept.map(withoutSecret)),
  });
}

/** Whether it fits into an environment variable; for an object whose fields have no problems. */
export function checkSize(manifest: unknown): readonly Problem[] {
  const bytes = Buffer.byteLength(encodeTrigger(manifest));
  if (bytes <= LONGEST) return [];
  const message = `has ${bytes} bytes without its deployment, more than ${LONGEST}`;
  return [{ path: 'spec', message, cure: 'Shorten filters or topics, or make several triggers.' }];
}

function withoutSecret([field, value]: [string, unknown]): [string, unknown] {
  if (!isObject(value)) return [field, value];
  return [field, Object.fromEntries(Object.entries(value).filter(([name]) => name !== SECRET))];
}
