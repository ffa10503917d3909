/** What an API server wrote down about the requests that it got. */
import { readFile } from 'node:fs/promises';

export interface AuditEvent {
  /** `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verb: string;
  /** `system:serviceaccount:<namespace>:<name>` */
  readonly user: string;
  readonly userAgent: string;
  /** Path and query. */
  readonly uri: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** HTTP status of the answer. */
  readonly code: number;
  /** When the answer was complete, RFC 3339 in microseconds. */
  readonly time: string;
}

/** An entry of kind `Event` in `audit.k8s.io/v1`. */
interface Entry {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly requestURI: string;
  readonly objectRef?: Pick<AuditEvent, 'resource' | 'subresource' | 'namespace' | 'name'>;
  readonly responseStatus?: { readonly code: number };
  readonly stageTimestamp: string;
}

/** Returns the entries of an audit log. */
export async function readAuditEvents(file: string): Promise<readonly AuditEvent[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  // What follows the last line break is still being written.
  lines.pop();
  return lines.map((line) => {
    const { verb, user, userAgent = '', requestURI, objectRef = {}, ...rest } = JSON.parse(line) as Entry;
    const { resource, subresource, namespace, name } = objectRef;
    return {
      verb,
      user: user.username,
      userAgent,
      uri: requestURI,
      ...(resource && { resource }),
      ...(subresource && { subresource }),
      ...(namespace && { namespace }),
      ...(name && { name }),
      code: rest.responseStatus?.code ?? 0,
      time: rest.stageTimestamp,
    };
  });
}
