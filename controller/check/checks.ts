/** What has to be true of an installation. Each check returns what is wrong with its cure, or undefined. */
import { kinds } from '../../api/kinds/index.ts';
import type { Kind } from '../../api/kinds/kind.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { DeploymentObject, KubeObject } from '../kube/objects.ts';
import { missingFields, type OpenApi } from './missing-fields.ts';
import { sampleTrigger } from './sample-trigger.ts';

export interface CheckSettings {
  /** That of the release. */
  readonly namespace: string;
  /** Where the trial trigger would be. */
  readonly triggerNamespace: string;
  readonly deployment: string;
  readonly lease: string;
  /** The ValidatingAdmissionPolicy that has to refuse this account, which may not create Deployments. */
  readonly policy?: string;
}

export interface Check {
  readonly what: string;
  /** Milliseconds below which nothing can be said, however short the wait is. */
  readonly leastMs?: number;
  check(): Promise<string | undefined>;
}

type Client = Pick<KubeClient, 'request'>;

export function checks(client: Client, settings: CheckSettings): readonly Check[] {
  const { namespace, deployment } = settings;
  return [
    ...kinds.flatMap((kind) => [
      { what: `the CRD of ${kind.kind} knows every field`, check: () => checkFields(client, kind) },
      { what: `a ${kind.kind} is taken as it should be`, check: () => checkAdmission(client, kind, settings) },
    ]),
    {
      what: `the Deployment ${deployment} is available`,
      check: () => checkDeployment(client, namespace, deployment),
    },
    { what: 'a controller is at work', leastMs: RENEWAL, check: createLeaseCheck(client, settings) },
  ];
}

async function checkFields(client: Client, kind: Kind): Promise<string | undefined> {
  const [group, version] = kind.apiVersion.split('/');
  const crd = `${kind.plural}.${group}`;
  const cure = 'Run kubectl apply -f crd.yaml of the version that is installed.';
  const path = `/openapi/v3/apis/${group}/${version}`;
  const document = await client.request<OpenApi>({ method: 'GET', path }).catch(ignoreNotFound);
  if (document === undefined) return `the API server doesn't serve ${kind.apiVersion}. ${cure}`;
  const missing = missingFields(kind, document);
  if (missing === undefined) return `the CRD ${crd} isn't there. ${cure}`;
  return missing.length > 0 ? `the CRD ${crd} is older: it lacks ${missing.join(', ')}. ${cure}` : undefined;
}

/** Nothing is stored: a dry run. */
async function checkAdmission(client: Client, kind: Kind, settings: CheckSettings): Promise<string | undefined> {
  const { triggerNamespace, policy } = settings;
  const refusal = await client
    .request({
      method: 'POST',
      path: `/apis/${kind.apiVersion}/namespaces/${triggerNamespace}/${kind.plural}`,
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body: sampleTrigger(kind),
    })
    .then(() => undefined)
    .catch((error: unknown) => {
      if (error instanceof KubeError) return error;
      throw error;
    });
  if (policy === undefined) {
    const isTaken = refusal === undefined || OTHERS_POLICY.test(refusal.message);
    return isTaken ? undefined : `the API server refuses it: ${refusal.message}`;
  }
  if (refusal === undefined) {
    return (
      `the admission policy ${policy} let it pass, though this account may not create Deployments. ` +
      'See whether the policy and its binding are there.'
    );
  }
  return refusal.message.includes(policy) ? undefined : `not the policy but something else refuses: ${refusal.message}`;
}

/** Of a release for the whole cluster beside this one; it judges what has passed the CRD, and refuses this account. */
const OTHERS_POLICY = /ValidatingAdmissionPolicy '[^']*'.* denied request: the trigger makes a Deployment /;

async function checkDeployment(client: Client, namespace: string, name: string): Promise<string | undefined> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const { metadata, spec, status } = await client.request<DeploymentObject>({ method: 'GET', path });
  const wanted = spec?.replicas ?? 1;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  if (wanted === 0) return 'it is scaled to 0. Set replicaCount to 1 or more.';
  // Pods of the version before count as available, too, until they are gone.
  const isCurrent = observedGeneration >= (metadata.generation ?? 0) && updatedReplicas >= wanted;
  if (isCurrent && replicas === updatedReplicas && availableReplicas >= wanted) return undefined;
  return (
    `${availableReplicas} of ${wanted} replicas are available, ${updatedReplicas} of this version. ` +
    `Look at its pods: kubectl -n ${namespace} describe pods`
  );
}

interface Lease extends KubeObject {
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string };
}

/** Milliseconds in which a controller that works renews its Lease: every 2 s, with time for a slow server. */
const RENEWAL = 5_000;

/** A Lease counts when it changes while one looks: clocks may differ, and the last holder may be dead. */
function createLeaseCheck(client: Client, settings: CheckSettings): () => Promise<string | undefined> {
  const { namespace, deployment, lease: name } = settings;
  let before: string | undefined;
  return async () => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
    const { spec } = (await client.request<Lease>({ method: 'GET', path }).catch(ignoreNotFound)) ?? {};
    const { holderIdentity, renewTime } = spec ?? {};
    const now = holderIdentity ? `${holderIdentity} ${renewTime}` : undefined;
    const isRenewed = now !== undefined && before !== undefined && now !== before;
    before = now ?? before;
    if (isRenewed) return undefined;
    const said = now === undefined ? 'nobody holds' : `${holderIdentity} doesn't renew`;
    return `${said} the Lease ${name}. Look at the controller: kubectl -n ${namespace} logs deployment/${deployment}`;
  };
}

function ignoreNotFound(error: unknown): undefined {
  if (error instanceof KubeError && error.status === 404) return undefined;
  throw error;
}
