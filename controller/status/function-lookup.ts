/** Whether the function behind a URL exists, as far as the cluster can say. */

export type FunctionLookup =
  | { readonly kind: 'found'; readonly namespace: string; readonly service: string }
  /** `namespaceMissing`: not even its namespace is there. */
  | {
      readonly kind: 'missing';
      readonly namespace: string;
      readonly service: string;
      readonly namespaceMissing: boolean;
    }
  /** Not a Service of this cluster, or nobody can tell. */
  | { readonly kind: 'external'; readonly host: string };

/** What exists in the cluster. */
export interface Existing {
  service(namespace: string, name: string): boolean;
  namespace(name: string): boolean;
}

/**
 * A host is a Service only as `<svc>.<ns>.svc[.…]`, as two labels of which the second is a namespace that exists, or as
 * one label, which is a Service of `namespace`: where the dispatcher runs. Takes URLs that were checked.
 */
export function lookUpFunction(url: string, namespace: string, has: Existing): FunctionLookup {
  const host = hostOf(url);
  const place = placeOf(host, namespace, has);
  if (place === undefined) return { kind: 'external', host };
  if (has.service(place.namespace, place.service)) return { kind: 'found', ...place };
  return { kind: 'missing', ...place, namespaceMissing: !has.namespace(place.namespace) };
}

function placeOf(host: string, here: string, has: Existing): { namespace: string; service: string } | undefined {
  // `localhost` is the pod itself: a function in a sidecar.
  if (host === '' || host === 'localhost') return undefined;
  const isAbsolute = host.endsWith('.');
  const [service = '', namespace, third] = (isAbsolute ? host.slice(0, -1) : host).split('.');
  if (!LABEL.test(service)) return undefined;
  if (namespace === undefined) return isAbsolute ? undefined : { namespace: here, service };
  if (!LABEL.test(namespace)) return undefined;
  if (third === 'svc') return { namespace, service };
  return third === undefined && !isAbsolute && has.namespace(namespace) ? { namespace, service } : undefined;
}

/** Names of Services and namespaces, which also keeps out `[::1]`. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}
