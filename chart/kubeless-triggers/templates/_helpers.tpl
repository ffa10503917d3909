{{/*
Helm takes a value away that is empty (`timezone:`). Text, numbers and switches then have their defaults, lists and maps
are empty. Every template begins with this; it changes .Values in place.
*/}}
{{- define "kubeless-triggers.defaults" -}}
{{- include "kubeless-triggers.fill" (dict "values" .Values "defaults" (.Files.Get "files/defaults.yaml" | fromYaml)) }}
{{- end }}

{{- define "kubeless-triggers.fill" -}}
{{- range $name, $default := .defaults }}
{{- $value := get $.values $name }}
{{- if or (not (hasKey $.values $name)) (kindIs "invalid" $value) }}
{{- $_ := set $.values $name $default }}
{{- else if and (kindIs "map" $default) (kindIs "map" $value) }}
{{- include "kubeless-triggers.fill" (dict "values" $value "defaults" $default) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The chart's name, or its override: also the label by which the pods are selected. */}}
{{- define "kubeless-triggers.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of the release's objects. */}}
{{- define "kubeless-triggers.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* The fullname with something appended: dict "root" $ "suffix" "metrics". */}}
{{- define "kubeless-triggers.named" -}}
{{- $room := int (sub 62 (len .suffix)) }}
{{- printf "%s-%s" (include "kubeless-triggers.fullname" .root | trunc $room | trimSuffix "-") .suffix }}
{{- end }}

{{/*
The name of an object outside of the release's namespace, where releases of one name meet: dict "root" $, and "suffix" as
above. A namespace has no dot, so that no two of them are the same.
*/}}
{{- define "kubeless-triggers.outside" -}}
{{- $name := include "kubeless-triggers.fullname" .root }}
{{- if .suffix }}{{ $name = include "kubeless-triggers.named" . }}{{ end }}
{{- printf "%s.%s" $name .root.Release.Namespace }}
{{- end }}

{{/* Of the ClusterRole and its binding: a release that has them without its namespace in the name keeps them. */}}
{{- define "kubeless-triggers.clusterRoleName" -}}
{{- $name := include "kubeless-triggers.fullname" . }}
{{- $there := lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" $name | default dict }}
{{- $owner := dig "metadata" "annotations" dict $there }}
{{- $isOurs := eq (get $owner "meta.helm.sh/release-name") .Release.Name }}
{{- if and $isOurs (eq (get $owner "meta.helm.sh/release-namespace") .Release.Namespace) }}
{{- $name }}
{{- else }}
{{- include "kubeless-triggers.outside" (dict "root" .) }}
{{- end }}
{{- end }}

{{/* Never changes in the life of a release: a Deployment's selector can't. */}}
{{- define "kubeless-triggers.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kubeless-triggers.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kubeless-triggers.labels" -}}
{{- $labels := dict
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
}}
{{- toYaml (merge (include "kubeless-triggers.selectorLabels" . | fromYaml) $labels .Values.commonLabels) }}
{{- end }}

{{- define "kubeless-triggers.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "kubeless-triggers.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* An image with its tag, its digest, or both; a digest stands in either part: dict "root" $ "repository" "…" "tag" "…". */}}
{{- define "kubeless-triggers.image" -}}
{{- $parts := splitList "@" .repository }}
{{- $tag := .tag }}
{{- $digest := "" }}
{{- if gt (len $parts) 1 }}{{ $digest = last $parts }}{{ end }}
{{- if hasPrefix "sha256:" $tag }}{{ $digest = $tag }}{{ $tag = "" }}
{{- else if not $digest }}{{ $tag = default .root.Chart.AppVersion $tag }}
{{- end }}
{{- first $parts }}{{ with $tag }}:{{ . }}{{ end }}{{ with $digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "kubeless-triggers.controllerImage" -}}
{{- include "kubeless-triggers.image" (dict "root" . "repository" .Values.image.repository "tag" .Values.image.tag) }}
{{- end }}

{{- define "kubeless-triggers.dispatcherImage" -}}
{{- with .Values.dispatcher.deployment }}
{{- include "kubeless-triggers.image" (dict "root" $ "repository" .image "tag" .tag) }}
{{- end }}
{{- end }}

{{/*
Helm takes a zone that it doesn't know for UTC; where it knows none at all, for want of the system's list, the controller
alone judges.
*/}}
{{- define "kubeless-triggers.timezone" -}}
{{- $zone := .Values.timezone }}
{{- $knowsZones := eq (dateInZone "MST" now "Asia/Tokyo") "JST" }}
{{- $isUtc := has $zone (list "UTC" "UCT" "Zulu" "Universal" "Etc/UTC" "Etc/UCT" "Etc/Zulu" "Etc/Universal") }}
{{- if or (eq $zone "Local") (and $knowsZones (not $isUtc) (eq (dateInZone "MST" now $zone) "UTC")) }}
{{- fail (printf "timezone: %q isn't a time zone. Write a name such as UTC or Europe/Berlin." $zone) }}
{{- end }}
{{- $zone }}
{{- end }}

{{/* The plural names of the kinds of triggers, as a JSON list in a dict: their CRDs are the files of this chart. */}}
{{- define "kubeless-triggers.kinds" -}}
{{- $names := list }}
{{- range $path, $_ := .Files.Glob "files/crds/*.yaml" }}
{{- $names = append $names (base $path | trimSuffix ".yaml") }}
{{- end }}
{{- dict "plurals" $names | toJson }}
{{- end }}

{{/*
Controllers of the whole cluster in one namespace share a Lease, whatever their release is called, and dispatchers
know their controller by it. Those of some namespaces work side by side.
*/}}
{{- define "kubeless-triggers.leaseName" -}}
{{- if .Values.watchNamespaces }}
{{- include "kubeless-triggers.fullname" . }}
{{- else }}kubeless-triggers
{{- end }}
{{- end }}

{{/* Not empty where the release has objects of the whole cluster: whoever installs it may look at those that are there. */}}
{{- define "kubeless-triggers.bringsClusterObjects" -}}
{{- with .Values }}
{{- if and (not .watchNamespaces) (or .crds.install .serviceAccount.create .admissionPolicy.enabled .userRoles.create) }}true{{ end }}
{{- end }}
{{- end }}
