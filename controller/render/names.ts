/** What rendered objects are called. */
import { createHash } from 'node:crypto';
import type { Trigger } from '../../api/trigger.ts';

/** Of a label's value, and of what pods' names and host names are made of. */
const LONGEST = 63;

/** 16 hexadecimal digits that stand for one trigger, and for one route of it, in the whole cluster. */
export function triggerId({ kind, namespace, name }: Pick<Trigger, 'kind' | 'namespace' | 'name'>, route = ''): string {
  return digest(`${kind}/${namespace}/${name}/${route}`).slice(0, 16);
}

/** `<trigger>-<source>`, at most 63 characters; elsewhere than in the trigger's namespace the id tells triggers apart. */
export function deploymentName(trigger: Trigger, namespace: string): string {
  const name = `${trigger.name}-${trigger.source.type}`;
  if (namespace === trigger.namespace && name.length <= LONGEST) return name;
  return withSuffix(name, triggerId(trigger).slice(0, 8));
}

/** The volume of a Secret: its name where a volume can have that, otherwise told apart by a hash. */
export function secretVolumeName(secret: string): string {
  const name = `secret-${secret.replaceAll('.', '-')}`;
  return name.length <= LONGEST && !secret.includes('.') ? name : withSuffix(name, digest(secret).slice(0, 8));
}

/** sha256, in hexadecimal digits. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function withSuffix(name: string, suffix: string): string {
  return `${name.slice(0, LONGEST - suffix.length - 1).replace(/[-.]+$/, '')}-${suffix}`;
}
