/** The labels and annotations that say whose a Deployment is. Label values are short, so full names are annotations. */
import type { Trigger } from '../../api/trigger.ts';
import type { DispatcherKind } from './templates.ts';

/** Label of a Deployment and its pods, and the only one in the selector. */
export const TRIGGER_ID_LABEL = 'kubeless.io/trigger-id';
/** `<Kind>/<namespace>/<name>`. */
export const TRIGGER_ANNOTATION = 'kubeless.io/trigger';
const TRIGGER_UID_ANNOTATION = 'kubeless.io/trigger-uid';
/** sha256 of all the rest of the rendered object. */
export const RENDERED_ANNOTATION = 'kubeless.io/rendered';
/** sha256 of what the user's trigger determines; where it is unchanged, only the controller caused a change. */
export const CAUSE_ANNOTATION = 'kubeless.io/rendered-from';
/** `current` or `original`: what the dispatcher's image understands. Users set it where its name doesn't tell. */
export const DISPATCHER_ANNOTATION = 'kubeless.io/dispatcher';

type Texts = Readonly<Record<string, string>>;

/** Of the pods too, so nothing in them changes with a release: that would restart every dispatcher. */
export function dispatcherLabels(id: string): Texts {
  return {
    'app.kubernetes.io/name': 'kubeless-triggers-dispatcher',
    'app.kubernetes.io/component': 'dispatcher',
    'app.kubernetes.io/managed-by': 'kubeless-triggers',
    [TRIGGER_ID_LABEL]: id,
  };
}

/** `uid` is absent where a trigger is rendered without a cluster. */
export function deploymentAnnotations(trigger: Trigger, uid: string | undefined, dispatcher: DispatcherKind): Texts {
  return {
    ...podAnnotations(trigger),
    ...(uid !== undefined && { [TRIGGER_UID_ANNOTATION]: uid }),
    [DISPATCHER_ANNOTATION]: dispatcher,
  };
}

export function podAnnotations({ kind, namespace, name }: Trigger): Texts {
  return { [TRIGGER_ANNOTATION]: `${kind}/${namespace}/${name}` };
}
