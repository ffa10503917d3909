#!/bin/sh
# Deletes the CRDs with all triggers and all dispatchers. Lists them and asks first; FORCE=1 doesn't ask.
set -eu
KUBECTL=${KUBECTL:-kubectl}
crds=$(sed -n 's/^  name: \(.*\.kubeless\.io\)$/\1/p' crd.yaml)
# Dispatchers of other namespaces than their trigger's, and those of the original controller, aren't deleted with it.
labels='kubeless.io/trigger-id created-by=kubeless-pulsar-trigger'

found=$($KUBECTL get crd $crds --ignore-not-found -o name)
dispatchers=$(for label in $labels; do
  $KUBECTL get deployments --all-namespaces --selector "$label" --no-headers 2>/dev/null || :
done)
if [ -z "$found$dispatchers" ]; then
  echo 'There are no CRDs of triggers, and no dispatchers.'
  exit 0
fi

echo 'This would be deleted, for good:'
for crd in $found; do
  name=${crd#*/}
  echo "  $name with these triggers:"
  $KUBECTL get "$name" --all-namespaces --no-headers -o custom-columns=N:.metadata.namespace,T:.metadata.name |
    sed 's/^/    /'
done
echo '  and these dispatchers:'
printf '%s\n' "${dispatchers:-none}" | sed 's/^/    /'

if [ "${FORCE:-}" != 1 ]; then
  printf 'Delete all of it? Type yes: '
  read -r answer || answer=
  if [ "$answer" != yes ]; then
    echo 'Nothing was deleted.'
    exit 1
  fi
fi
[ -z "$found" ] || $KUBECTL delete $found
for label in $labels; do
  $KUBECTL delete deployments --all-namespaces --selector "$label" --ignore-not-found
done
