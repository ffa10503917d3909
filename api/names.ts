/** What Kubernetes takes for the name of an object, and for a key of a Secret. */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
/** Labels between dots, as in DNS. */
export const OBJECT_NAME_PATTERN = `^${LABEL}([.]${LABEL})*$`;
export const NAMESPACE_PATTERN = `^${LABEL}$`;
/** Neither `.` nor anything that begins with `..`, which would lead out of the folder that it is a file of. */
export const SECRET_KEY_PATTERN = '^[.]?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$';

const OBJECT_NAME = new RegExp(OBJECT_NAME_PATTERN);
const SECRET_KEY = new RegExp(SECRET_KEY_PATTERN);

export function isObjectName(text: string): boolean {
  return OBJECT_NAME.test(text);
}

export function isSecretKey(text: string): boolean {
  return SECRET_KEY.test(text);
}
