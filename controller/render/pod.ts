/** The pods of a dispatcher: the user's parts merged over the template and what the trigger says. */
import type { Trigger } from '../../api/trigger.ts';
import { dispatcherEnv, IDENTITY_NAMES } from './env.ts';
import { merge, withoutRemoved } from './merge.ts';
import type { Override } from './override.ts';
import { secretMounts } from './secrets.ts';
import { type DispatcherKind, type Fields, TEMPLATES } from './templates.ts';

export interface PodParts {
  readonly trigger: Trigger;
  /** As the user wrote it. */
  readonly spec: unknown;
  readonly override: Override;
  /** The namespace that the pods run in. */
  readonly place: string;
  readonly dispatcher: DispatcherKind;
  readonly dispatcherImage: string;
  readonly timezone: string;
}

/** A pod's spec; its first container is the dispatcher. */
export function podSpec(parts: PodParts): Fields & { readonly containers: readonly [Fields, ...Fields[]] } {
  const { trigger, override, dispatcher } = parts;
  const template = TEMPLATES[dispatcher].deployment.spec.template.spec;
  const ours = dispatcher === 'original' ? template : { ...template, ...addedToPod(trigger, template) };
  return {
    ...merge(ours, override.pod),
    containers: [dispatcherContainer(parts), ...withoutRemoved(override.otherContainers)],
  };
}

const LONGEST_GRACE_MS = 300_000;
/** For what comes after the last call: the flushing of acks and the closing of connections. */
const CLOSING_SECONDS = 15;

function addedToPod({ source, delivery }: Trigger, { volumes }: Fields): Fields {
  return {
    terminationGracePeriodSeconds: Math.ceil(Math.min(delivery.timeout, LONGEST_GRACE_MS) / 1000) + CLOSING_SECONDS,
    volumes: [...listOf(volumes), ...secretMounts(source).volumes],
  };
}

function dispatcherContainer({
  trigger,
  spec,
  override,
  place,
  dispatcher,
  dispatcherImage,
  timezone,
}: PodParts): Fields {
  const template = TEMPLATES[dispatcher].container;
  const { env: theirEnv, ...theirs } = override.dispatcher;
  const allowed = listOf(theirEnv).filter(({ name }) => !IDENTITY_NAMES.some((ours) => ours === name));
  const mounts = dispatcher === 'original' ? [] : secretMounts(trigger.source).volumeMounts;
  return merge(
    {
      ...template,
      image: dispatcherImage,
      env: dispatcherEnv(trigger, spec, { place, timezone, dispatcher }),
      ...(mounts.length > 0 && { volumeMounts: [...listOf(template.volumeMounts), ...mounts] }),
    },
    { ...theirs, env: allowed },
  );
}

/** Of templates, and of overrides that were read: a list of objects, or nothing. */
function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value : [];
}
