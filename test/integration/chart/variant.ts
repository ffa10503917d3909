/** Copies of the chart that differ in version, name or CRD. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART } from '../../support/helm.ts';

export interface Variant {
  readonly name?: string;
  readonly version?: string;
  /** Text of `crd.yaml`. */
  readonly crd?: string;
}

export const CRD = readFileSync(join(CHART, 'files/crds/pulsartriggers.yaml'), 'utf8');

/** Returns the CRD of a version to come: `spec` has the field `novelty`. */
export function newerCrd(): string {
  const field = ['novelty:', '  type: string'].map((line) => ' '.repeat(16) + line).join('\n');
  return CRD.replace(/^( {12}spec:[\s\S]*?\n {14}properties:\n)/m, `$1${field}\n`);
}

/** Writes the variant to `folder`, which isn't there yet, and returns it. */
export function writeVariant(folder: string, { name, version, crd }: Variant): string {
  cpSync(CHART, folder, { recursive: true });
  const about = join(folder, 'Chart.yaml');
  let text = readFileSync(about, 'utf8');
  if (name) text = text.replace(/^name: .*$/m, `name: ${name}`);
  if (version) text = text.replace(/^version: .*$/m, `version: ${version}`);
  writeFileSync(about, text);
  if (crd) writeFileSync(join(folder, 'files/crds/pulsartriggers.yaml'), crd);
  return folder;
}
