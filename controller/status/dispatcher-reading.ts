/** Asks a dispatcher how it is. The pod may be anything that a user runs, so little is asked and nothing is believed. */
import type { PodObject } from '../kube/objects.ts';
import type { DispatcherReading } from './observed.ts';

export async function readDispatcherStatus(pod: PodObject): Promise<DispatcherReading> {
  return { pod: pod.metadata.name, why: 'not asked' };
}
