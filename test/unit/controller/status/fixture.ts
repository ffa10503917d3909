/** What real Kubernetes components say: one file a message, with where it is from. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Patient } from '../../../../controller/status/pod-diagnosis.ts';

const FOLDER = new URL('fixtures/', import.meta.url);

/** The moment at which all fixtures are looked at, in milliseconds since the epoch. */
export const NOW = Date.parse('2026-11-21T09:55:30Z');

export const fixtureNames: readonly string[] = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));

export function readFixture(name: string): Patient & Required<Pick<Patient, 'deployment'>> {
  // The files hold the API server's JSON of these fields.
  const content = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Patient &
    Required<Pick<Patient, 'deployment'>>;
  return { deployment: content.deployment, pods: content.pods, events: content.events ?? [], now: NOW };
}
