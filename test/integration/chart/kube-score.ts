/** What kube-score says of rendered charts, each finding with the reason why it is left as it is. */

export interface Finding {
  readonly object: string;
  readonly check: string;
  readonly said: string;
  readonly reason: string;
}

export const UNEXPLAINED = 'UNEXPLAINED';

/** By kube-score's name of the check. */
const REASONS: Readonly<Record<string, string>> = {
  'container-security-context-user-group-id':
    'the image says 1000; a number here would break OpenShift, which gives each namespace its own',
  'container-ephemeral-storage-request-and-limit': 'the root file system is read-only, so there is nothing but the log',
  'container-image-pull-policy': 'a tag is a version, which never changes; the value is there for those who want it',
  'deployment-has-host-podantiaffinity': 'topologySpreadConstraints do it, and let a node drain',
  'deployment-replicas': 'with 0 or 2 replicas as the values say',
};

/** For some objects or values only. */
const MORE: readonly { object?: RegExp; file?: string; check: string; said?: RegExp; reason: string }[] = [
  {
    object: /-check$/,
    check: 'pod-networkpolicy',
    reason: 'it lives for seconds and listens nowhere',
  },
  { check: 'pod-networkpolicy', said: /egress/, reason: "the API server's address can't be known" },
  { file: 'least.yaml', check: 'pod-networkpolicy', reason: 'the values say so' },
  { file: 'least.yaml', check: 'container-resources', reason: 'the values say so' },
];

interface Report {
  readonly object_name: string;
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string };
  readonly checks: readonly {
    readonly check: { readonly id: string };
    /** 10 is good. */
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly path: string; readonly summary: string }[] | null;
  }[];
}

/** `json` is kube-score's output for the values of `file`. */
export function findingsOf(json: string, file: string): readonly Finding[] {
  // kube-score's own format, version 1.20.
  const reports = JSON.parse(json) as readonly Report[];
  return reports.flatMap(({ type_meta, object_meta, checks }) =>
    checks
      .filter(({ grade, skipped }) => !skipped && grade < 10)
      .flatMap(({ check, comments }) =>
        (comments ?? []).map(({ summary }) => {
          const found = { name: object_meta.name, check: check.id, said: summary, file };
          return { object: `${type_meta.kind} ${object_meta.name}`, ...found, reason: reasonOf(found) };
        }),
      ),
  );
}

function reasonOf(found: { name: string; check: string; said: string; file: string }): string {
  const special = MORE.find(
    ({ object, file, check, said }) =>
      check === found.check &&
      (!object || object.test(found.name)) &&
      (!file || file === found.file) &&
      (!said || said.test(found.said)),
  );
  return special?.reason ?? REASONS[found.check] ?? UNEXPLAINED;
}
