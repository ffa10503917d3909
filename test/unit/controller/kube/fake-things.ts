/** Things, and what an API server answers to those who list and watch them. */
import type { KubeObject } from '../../../../controller/kube/objects.ts';
import { answerJson, type FakeHandler, refuse } from './fake-api-server.ts';

export function thing(name: string, resourceVersion: string, uid = name) {
  return { kind: 'Thing', metadata: { name, namespace: 'ns', uid, resourceVersion } };
}

export function list(resourceVersion: string, items: readonly KubeObject[] = [], token = ''): FakeHandler {
  return (_, response) =>
    answerJson(response, { kind: 'ThingList', metadata: { resourceVersion, continue: token }, items });
}

export function refused(status: number, reason: string, message?: string): FakeHandler {
  return (_, response) => refuse(response, status, reason, message);
}

/** A watch that says so much and stays open. */
export function open(...events: readonly (readonly [string, object])[]): FakeHandler {
  return (_, response) => {
    response.writeHead(200);
    response.flushHeaders();
    if (events.length > 0) response.write(lines(...events));
  };
}

export function lines(...events: readonly (readonly [string, object])[]): string {
  return events.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join('');
}
