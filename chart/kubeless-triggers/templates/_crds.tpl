{{/*
Whose the CRD "name" is: "absent", "release" (this one), "kubectl", or "release <name> in <namespace>".
kubectl's is also one that a release made and kubectl applied since. Without a cluster it is absent.
*/}}
{{- define "kubeless-triggers.crdOwner" -}}
{{- $crd := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" .name }}
{{- if not $crd }}absent
{{- else }}
{{- $annotations := $crd.metadata.annotations | default dict }}
{{- $release := index $annotations "meta.helm.sh/release-name" | default "" }}
{{- $namespace := index $annotations "meta.helm.sh/release-namespace" | default "" }}
{{- $applied := hasKey $annotations "kubectl.kubernetes.io/last-applied-configuration" }}
{{- range $crd.metadata.managedFields }}
{{- if and (eq (.manager | default "") "kubectl") (eq (.operation | default "") "Apply") }}{{ $applied = true }}{{ end }}
{{- end }}
{{- if or $applied (not $release) }}kubectl
{{- else if and (eq $release .root.Release.Name) (eq $namespace .root.Release.Namespace) }}release
{{- else }}release {{ $release }} in {{ $namespace }}
{{- end }}
{{- end }}
{{- end }}

{{/* The fields of the schema "want" that the schema "have" lacks, each with a space after it. */}}
{{- define "kubeless-triggers.missingFields" -}}
{{- $have := .have.properties | default dict }}
{{- $path := .path }}
{{- range $name, $want := .want.properties }}
{{- $at := printf "%s.%s" $path $name }}
{{- if not (hasKey $have $name) }}{{ $at }} {{ else }}
{{- include "kubeless-triggers.missingFields" (dict "have" (index $have $name) "want" $want "path" $at) }}
{{- end }}
{{- end }}
{{- if and .want.items .have.items }}
{{- include "kubeless-triggers.missingFields" (dict "have" .have.items "want" .want.items "path" (printf "%s[]" $path)) }}
{{- end }}
{{- end }}

{{/* The fields that one of the CRD "name" of the cluster ("of" cluster) or of the chart ("of" chart) lacks. */}}
{{- define "kubeless-triggers.crdLacks" -}}
{{- $live := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" .name }}
{{- if $live }}
{{- $live = (first $live.spec.versions).schema.openAPIV3Schema }}
{{- $ours := (first (.text | fromYaml).spec.versions).schema.openAPIV3Schema }}
{{- if eq .of "cluster" }}
{{- include "kubeless-triggers.missingFields" (dict "have" $live "want" $ours "path" "") }}
{{- else }}
{{- include "kubeless-triggers.missingFields" (dict "have" $ours "want" $live "path" "") }}
{{- end }}
{{- end }}
{{- end }}
