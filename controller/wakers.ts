/** Which triggers are worth a look when something in the cluster changes. */
import type { DispatcherWatch } from './dispatcher-watch.ts';
import { triggerKeyOf } from './keys.ts';
import type { Change } from './kube/informer.ts';
import type { DeploymentObject, KubeObject, Metadata, TriggerObject } from './kube/objects.ts';
import type { Observer } from './observer.ts';
import type { OwnWrites } from './own-writes.ts';
import type { WorldOptions } from './world.ts';

type Wakers = Pick<WorldOptions, 'onTrigger' | 'onDeployment' | 'onPod' | 'onService' | 'onNamespace'>;

export interface WakerOptions {
  readonly wake: (key: string) => void;
  readonly writtenTriggers: OwnWrites<TriggerObject>;
  readonly writtenDeployments: OwnWrites<DeploymentObject>;
  /** Functions, as these are made after what wakes them. */
  readonly observer: () => Pick<Observer, 'keyOfDeployment' | 'keysOfService' | 'keysOfNamespace'>;
  readonly dispatchers: () => Pick<DispatcherWatch, 'changed'>;
}

export function createWakers(options: WakerOptions): Wakers {
  const { wake, writtenTriggers, writtenDeployments, observer, dispatchers } = options;
  const wakeOwner = ({ before, after }: Change<KubeObject>, known?: string) => {
    for (const key of new Set([known, before && triggerKeyOf(before), after && triggerKeyOf(after)])) {
      if (key !== undefined) wake(key);
    }
  };

  return {
    onTrigger(key, { before, after }) {
      if (after === undefined) writtenTriggers.forget(key);
      else if (before !== undefined && isOwnEcho(key, before, after)) return;
      wake(key);
    },
    onDeployment(change) {
      const { before, after } = change;
      const { namespace = '', name } = (after ?? before)?.metadata ?? { name: '' };
      if (after === undefined) writtenDeployments.forget(`${namespace}/${name}`);
      // One whose annotation or label was taken away is still its trigger's.
      wakeOwner(change, observer().keyOfDeployment(namespace, name));
    },
    onPod(change) {
      dispatchers().changed(change);
      wakeOwner(change);
    },
    onService({ before, after }) {
      if (before !== undefined && after !== undefined) return;
      const { namespace = '', name } = (after ?? before)?.metadata ?? { name: '' };
      for (const key of observer().keysOfService(namespace, name)) wake(key);
    },
    onNamespace({ before, after }) {
      const metadata = (after ?? before)?.metadata;
      if (metadata === undefined || (before && after && isSamePlace(before.metadata, after.metadata))) return;
      for (const key of observer().keysOfNamespace(metadata.name)) wake(key);
    },
  };

  /** The informer tells of the status that was written here, and nothing else is new. */
  function isOwnEcho(key: string, before: TriggerObject, after: TriggerObject): boolean {
    const own = writtenTriggers.newest(key, before);
    const isOwn = own !== before && own?.metadata.resourceVersion === after.metadata.resourceVersion;
    // What was answered to the write, and what a new list shows, may hold somebody else's change before it.
    return isOwn && isSameWish(before.metadata, after.metadata);
  }
}

function isSameWish(a: Metadata, b: Metadata): boolean {
  return a.uid === b.uid && a.generation === b.generation && isSamePlace(a, b);
}

function isSamePlace(a: Metadata, b: Metadata): boolean {
  const isSame = a.deletionTimestamp === b.deletionTimestamp;
  return isSame && JSON.stringify(a.annotations) === JSON.stringify(b.annotations);
}
