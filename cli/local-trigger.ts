/** What a trigger of a cluster becomes on somebody's own machine. */
import { userInfo } from 'node:os';
import type { SecretRef, Trigger } from '../api/trigger.ts';
import type { SecretReader } from '../dispatcher/sources/secrets.ts';

export interface Overrides {
  /** Consume with the cluster's own subscription, so that its records come here. */
  readonly asDeployed: boolean;
  /** Instead of the manifest's; an http(s) URL. */
  readonly functionUrl?: string;
}

/** With a subscription of its own (`<subscription>-local-<user>`), so that a laptop doesn't take a cluster's records. */
export function localTrigger(trigger: Trigger, { asDeployed, functionUrl }: Overrides, user = userName()): Trigger {
  const { source } = trigger;
  const name = `${source.subscription.name}-local-${user}`;
  return {
    ...trigger,
    ...(functionUrl !== undefined && { function: { ...trigger.function, url: functionUrl } }),
    source: asDeployed ? source : { ...source, subscription: { ...source.subscription, name } },
  };
}

/** One sentence for each Secret that the trigger names and that can't be read. */
export function secretProblems({ source }: Trigger, secrets: SecretReader): readonly string[] {
  return secretRefs(source).flatMap((ref) => {
    try {
      secrets.read(ref);
      return [];
    } catch {
      const file = secrets.path(ref);
      return [`Secret ${ref.name}, which the trigger names, needs the file ${file}; --secrets sets the folder.`];
    }
  });
}

function secretRefs({ authTokenSecret, tls }: Trigger['source']): readonly SecretRef[] {
  const { caSecret, certSecret } = tls;
  return [
    ...(authTokenSecret === undefined ? [] : [authTokenSecret]),
    ...(caSecret === undefined ? [] : [caSecret]),
    ...(certSecret === undefined ? [] : ['tls.crt', 'tls.key'].map((key) => ({ name: certSecret.name, key }))),
  ];
}

function userName(): string {
  try {
    return userInfo().username.replaceAll(/[^-._a-zA-Z0-9]/g, '-');
  } catch {
    // A user id without an entry in the system's list, as in many containers.
    return 'user';
  }
}
