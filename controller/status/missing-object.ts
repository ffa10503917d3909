/** Which Secret or ConfigMap is missing, told from the kubelet's sentence. */
import { plainText } from './plain-text.ts';
import type { Trouble } from './trouble.ts';

/** The message names the object and goes after "needs". Undefined for any other sentence. */
export function missingObject(sentence: string, namespace: string): Trouble | undefined {
  const [, kind, name] = /\b(secret|configmap) "([^"]+)" not found/i.exec(sentence) ?? [];
  if (kind !== undefined && name !== undefined) {
    const message = `${spelled(kind)} ${plainText(name)} in namespace ${namespace}, which isn't there: create it`;
    return { reason: reasonOf(kind), message };
  }
  const [, key, in_, place] = /couldn't find key (\S+) in (Secret|ConfigMap) (\S+)/.exec(sentence) ?? [];
  if (key !== undefined && in_ !== undefined && place !== undefined) {
    const object = plainText(place.slice(place.indexOf('/') + 1));
    const message = `the key ${plainText(key)} in ${in_} ${object} of namespace ${namespace}, which isn't there: add it`;
    return { reason: reasonOf(in_), message };
  }
  const [, which, entry] = /references non-existent (secret|config) key: (\S+)/.exec(sentence) ?? [];
  if (which === undefined || entry === undefined) return undefined;
  const [, volume = ''] = /for volume "([^"]+)"/.exec(sentence) ?? [];
  const kindOf = which === 'secret' ? 'Secret' : 'ConfigMap';
  const message = `the key ${plainText(entry)} in the ${kindOf} of volume ${plainText(volume)}, which isn't there: add it`;
  return { reason: reasonOf(kindOf), message };
}

function spelled(kind: string): string {
  return kind.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
}

function reasonOf(kind: string): 'SecretMissing' | 'ConfigMapMissing' {
  return kind.toLowerCase() === 'secret' ? 'SecretMissing' : 'ConfigMapMissing';
}
