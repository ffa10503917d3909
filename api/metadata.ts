/** Who a trigger is: the name and namespace that Kubernetes would take. */
import { check, isObject, type Schema } from './check.ts';
import type { Identity } from './kinds/kind.ts';
import { NAMESPACE_PATTERN, OBJECT_NAME_PATTERN } from './names.ts';
import type { Problem } from './trigger.ts';

const NAME: Schema = { type: 'string', minLength: 1, maxLength: 253, pattern: OBJECT_NAME_PATTERN };
const NAMESPACE: Schema = { type: 'string', minLength: 1, maxLength: 63, pattern: NAMESPACE_PATTERN };

export function checkMetadata(metadata: unknown): readonly Problem[] {
  if (!isObject(metadata)) {
    const message = metadata === undefined ? 'is missing' : "isn't an object";
    return [{ path: 'metadata', message, cure: 'Write metadata with a name.' }];
  }
  const { name, namespace } = metadata;
  const missing = { path: 'metadata.name', message: 'is missing', cure: 'Write a name, such as my-trigger.' };
  return [
    ...(name === undefined ? [missing] : check(NAME, name, 'metadata.name')),
    ...(namespace === undefined ? [] : check(NAMESPACE, namespace, 'metadata.namespace')),
  ];
}

/** Of metadata without problems. */
export function identityOf(metadata: unknown): Identity {
  const { name, namespace = 'default' } = isObject(metadata) ? metadata : {};
  return { name: String(name), namespace: String(namespace) };
}
