/** The sources: one line each, sorted, loaded only when a trigger asks for them. */
import type { Trigger } from '../../api/trigger.ts';
import type { Logger } from '../../common/logger.ts';
import type { SecretReader } from './secrets.ts';
import type { Source } from './source.ts';

export interface SourceOptions {
  readonly trigger: Trigger;
  readonly secrets: SecretReader;
  readonly logger: Logger;
}

type Load = () => Promise<(options: SourceOptions) => Source | Promise<Source>>;

const SOURCES: Readonly<Record<Trigger['source']['type'], Load>> = {
  pulsar: async () => (await import('./pulsar/index.ts')).createPulsarSource,
};

/** Rejects where the source's client library can't be loaded, with an error that names it and the cure. */
export async function createSource(options: SourceOptions): Promise<Source> {
  const create = await SOURCES[options.trigger.source.type]();
  return create(options);
}
