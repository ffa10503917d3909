/** The Secrets that a trigger names, as directories in the dispatcher's pod: never `subPath`, which isn't updated. */
import type { PulsarSourceSpec } from '../../api/trigger.ts';
import { SECRETS_DIR } from '../../common/dispatcher-pod.ts';
import { secretVolumeName } from './names.ts';
import type { Fields } from './templates.ts';

export interface SecretMounts {
  readonly volumes: readonly Fields[];
  readonly volumeMounts: readonly Fields[];
}

/** Not optional: a Secret that is missing shows as an event of the pod, and the pod starts once it is there. */
export function secretMounts(source: PulsarSourceSpec): SecretMounts {
  const names = secretNames(source);
  return {
    volumes: names.map((secretName) => ({ name: secretVolumeName(secretName), secret: { secretName } })),
    volumeMounts: names.map((name) => ({
      name: secretVolumeName(name),
      mountPath: `${SECRETS_DIR}/${name}`,
      readOnly: true,
    })),
  };
}

function secretNames({ authTokenSecret, tls }: PulsarSourceSpec): readonly string[] {
  const refs = [authTokenSecret, tls.caSecret, tls.certSecret];
  return [...new Set(refs.flatMap((ref) => (ref === undefined ? [] : [ref.name])))].sort();
}
