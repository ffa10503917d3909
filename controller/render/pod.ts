/** The pods of a dispatcher: the user's parts merged over the template and what the trigger says. */
import type { Trigger } from '../../api/trigger.ts';
import type { ProxySettings } from '../../common/proxy.ts';
import { gracePeriodSeconds } from '../../common/stop-times.ts';
import { type Correction, correctDefaults } from './corrections.ts';
import { dispatcherEnv, IDENTITY_NAMES } from './env.ts';
import { withInferred } from './inferred.ts';
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
  readonly proxy?: ProxySettings;
}

export interface RenderedPod {
  /** Its first container is the dispatcher. */
  readonly pod: Fields & { readonly containers: readonly [Fields, ...Fields[]] };
  readonly corrections: readonly Correction[];
}

export function podSpec(parts: PodParts): RenderedPod {
  const { trigger, override, dispatcher } = parts;
  const template = TEMPLATES[dispatcher].deployment.spec.template.spec;
  const ours = dispatcher === 'original' ? template : { ...template, ...addedToPod(trigger, template) };
  const merged = merge(ours, override.pod);
  const { container, corrections } = correctDefaults(dispatcherContainer(parts), {
    template: TEMPLATES[dispatcher].container,
    theirs: override.dispatcher,
    volumes: merged.volumes,
  });
  const containers = [container, ...withoutRemoved(override.otherContainers)] as const;
  return { pod: withInferred({ ...merged, containers }), corrections };
}

function addedToPod({ source, delivery }: Trigger, { volumes }: Fields): Fields {
  return {
    terminationGracePeriodSeconds: gracePeriodSeconds(delivery.timeout),
    volumes: [...listOf(volumes), ...secretMounts(source).volumes],
  };
}

function dispatcherContainer(parts: PodParts): Fields {
  const { trigger, spec, override, place, dispatcher, dispatcherImage, timezone, proxy = {} } = parts;
  const template = TEMPLATES[dispatcher].container;
  const { env: theirEnv, ...theirs } = override.dispatcher;
  const allowed = listOf(theirEnv).filter(({ name }) => !IDENTITY_NAMES.some((ours) => ours === name));
  const mounts = dispatcher === 'original' ? [] : secretMounts(trigger.source).volumeMounts;
  return merge(
    {
      ...template,
      image: dispatcherImage,
      env: dispatcherEnv(trigger, spec, { place, timezone, dispatcher, proxy }),
      ...(mounts.length > 0 && { volumeMounts: [...listOf(template.volumeMounts), ...mounts] }),
    },
    { ...theirs, env: allowed },
  );
}

/** Of templates, and of overrides that were read: a list of objects, or nothing. */
function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value : [];
}
