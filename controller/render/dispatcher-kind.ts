/** Whether a dispatcher's image is one of ours, or one that was made for the original controller. */
import type { DispatcherKind } from './templates.ts';

const OURS = 'kubeless-triggers-dispatcher';
const ORIGINAL = 'kubeless-pulsar-trigger-dispatcher';

/**
 * `image` is what the user put in place of `defaultImage`. A mirror's copy of ours keeps its name, and is ours.
 * Where a name tells nothing, what the operator configured is ours, and what a user put in its place is not.
 */
export function kindOfImage(image: unknown, defaultImage: string): DispatcherKind {
  const name = nameOf(typeof image === 'string' ? image : defaultImage);
  if (name === ORIGINAL) return 'original';
  return typeof image !== 'string' || name === OURS || name === nameOf(defaultImage) ? 'current' : 'original';
}

/** `registry:5000/team/name:tag@sha256:…` -> `name`. */
function nameOf(image: string): string {
  const [path = ''] = image.split('@');
  return path.slice(path.lastIndexOf('/') + 1).replace(/:.*$/, '');
}
