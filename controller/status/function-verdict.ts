/** The condition FunctionResolved. */
import type { FunctionLookup } from './function-lookup.ts';
import { plainText } from './plain-text.ts';
import type { Verdict } from './verdict.ts';

/** Undefined where the spec has problems. */
export function functionVerdict(lookup: FunctionLookup | undefined): Verdict<'FunctionResolved'> {
  if (lookup === undefined) {
    return { status: 'Unknown', reason: 'InvalidSpec', message: 'the spec has problems, which Ready names' };
  }
  if (lookup.kind === 'external') {
    const message = `${plainText(lookup.host)} isn't a Service of this cluster, so whether it exists isn't known`;
    return { status: 'Unknown', reason: 'External', message };
  }
  const { namespace, service } = lookup;
  if (lookup.kind === 'found') {
    return { status: 'True', reason: 'ServiceFound', message: `Service ${service} in namespace ${namespace} exists` };
  }
  const missing = lookup.namespaceMissing
    ? `there is no namespace ${namespace}, where Service ${service} should be`
    : `there is no Service ${service} in namespace ${namespace}`;
  const message = `${missing}: deploy the function, or correct spec.kubeless.function`;
  return { status: 'False', reason: 'FunctionNotFound', message };
}
