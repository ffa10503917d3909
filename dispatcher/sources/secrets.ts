/** Where a source finds its credentials: files of mounted Secrets, read anew at each call, so that a rotation is seen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObjectName, isSecretKey } from '../../api/names.ts';
import type { SecretRef } from '../../api/trigger.ts';

export interface SecretReader {
  /** The value as it is now. Throws an Error that names the reference and the cure, never the value. */
  read(ref: SecretRef): string;
  /** The file that holds the value, for client libraries that read it themselves. */
  path(ref: SecretRef): string;
}

/** Reads `<dir>/<name>/<key>`; one trailing line break, which editors add, isn't part of the value. */
export function createSecretFiles(dir: string): SecretReader {
  const path = (ref: SecretRef): string => join(dir, checkedPart(ref, 'name'), checkedPart(ref, 'key'));
  return {
    path,
    read(ref) {
      const file = path(ref);
      try {
        return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
      } catch (cause) {
        const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
        throw new Error(
          `reading key "${ref.key}" of Secret "${ref.name}" from ${file}: ${code}; ` +
            `create the Secret with that key, or correct the name and key in the trigger`,
          { cause },
        );
      }
    },
  };
}

const IS_VALID = { name: isObjectName, key: isSecretKey };

function checkedPart(ref: SecretRef, part: 'name' | 'key'): string {
  if (IS_VALID[part](ref[part])) return ref[part];
  throw new Error(`Secret ${part} ${JSON.stringify(ref[part])} isn't valid: use one that Kubernetes takes`);
}
