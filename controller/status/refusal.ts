/** Why the API server didn't admit an object, told from its sentence: it answers 403 for very different reasons. */
import { plainText } from './plain-text.ts';
import type { Trouble } from './trouble.ts';

/** Pod Security names every field that it minds. */
const LONGEST = 640;

/** Of a pod, or of the Deployment itself. */
export function explainRefusal(sentence: string): Trouble {
  const found = KINDS.find(({ pattern }) => pattern.test(sentence)) ?? OTHER;
  // The name is that of one pod that never was, another one at each attempt.
  const said = sentence.replace(/^[a-z.]+ "[^"]*" is forbidden: /, '');
  return { reason: found.reason, message: `${plainText(said, LONGEST)}: ${found.cure}` };
}

interface RefusalKind {
  readonly pattern: RegExp;
  readonly reason: Trouble['reason'];
  readonly cure: string;
}

const OTHER: RefusalKind = {
  pattern: /(?:)/,
  reason: 'PodsNotCreated',
  cure: 'correct spec.deployment, or what refuses its pods',
};

const KINDS: readonly RefusalKind[] = [
  {
    pattern: /\b(exceeded|failed) quota: /,
    reason: 'QuotaExceeded',
    cure: "raise the namespace's ResourceQuota, or set less in spec.deployment",
  },
  {
    pattern: /violates PodSecurity /,
    reason: 'PodSecurityViolation',
    cure: "remove what it names from spec.deployment, or relax the namespace's Pod Security level",
  },
  {
    pattern: /error looking up service account /,
    reason: 'ServiceAccountMissing',
    cure: 'create the ServiceAccount, or correct serviceAccountName in spec.deployment',
  },
  {
    pattern: / is invalid: /,
    reason: 'InvalidDeployment',
    cure: 'correct spec.deployment',
  },
  {
    pattern: / cannot \w+ resource /,
    reason: 'Forbidden',
    cure: "give the controller this permission, which the chart's roles hold",
  },
  {
    pattern: / is forbidden: |denied (the )?request|^(minimum|maximum) /,
    reason: 'Forbidden',
    cure: "correct spec.deployment, or ask whoever set the cluster's policy",
  },
];
