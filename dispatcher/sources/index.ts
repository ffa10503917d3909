/** The sources: one line each, sorted, loaded only when a trigger asks for them. */
import type { Trigger } from '../../api/trigger.ts';
import type { Logger } from '../../common/logger.ts';
import type { SecretReader } from './secrets.ts';
import type { Source, Stream } from './source.ts';

export interface SourceOptions {
  readonly trigger: Trigger;
  readonly secrets: SecretReader;
  readonly logger: Logger;
}

interface SourceType {
  create(options: SourceOptions): Source | Promise<Source>;
  streams(source: Trigger['source']): readonly Stream[];
}

const SOURCES: Readonly<Record<Trigger['source']['type'], () => Promise<SourceType>>> = {
  pulsar: async () => (await import('./pulsar/index.ts')).pulsar,
};

/** Rejects where the source's client library can't be loaded, with an error that names it and the cure. */
export async function createSource(options: SourceOptions): Promise<Source> {
  const { create } = await SOURCES[options.trigger.source.type]();
  return create(options);
}

/** What a trigger consumes. Rejects where its source can never work. */
export async function streamsOf({ source }: Trigger): Promise<readonly Stream[]> {
  const { streams } = await SOURCES[source.type]();
  return streams(source);
}
