/** The YAML files that a rendering begins with, read once. They lie beside this file, in a build too. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';

export interface Templates {
  readonly deployment: DeploymentTemplate;
  readonly container: Fields;
}

/** An object of JSON. */
export type Fields = Readonly<Record<string, unknown>>;

interface DeploymentTemplate {
  readonly metadata: Fields;
  readonly spec: Fields & { readonly template: { readonly metadata: Fields; readonly spec: Fields } };
}

/** Which images a template is for: ours, or those made for the original controller. */
export type DispatcherKind = 'current' | 'original';

export const TEMPLATES: Readonly<Record<DispatcherKind, Templates>> = {
  current: { deployment: read('deployment.yaml'), container: read('container.yaml') },
  original: { deployment: read('original-deployment.yaml'), container: read('original-container.yaml') },
};

/** The files are ours, and tests render them, so their shape is taken as it is. */
function read<T>(name: string): T {
  return load(readFileSync(new URL(name, import.meta.url), 'utf8')) as T;
}
