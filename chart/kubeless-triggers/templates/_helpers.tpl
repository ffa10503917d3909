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

{{- define "kubeless-triggers.controllerImage" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "kubeless-triggers.dispatcherImage" -}}
{{ .Values.dispatcher.deployment.image }}:{{ .Values.dispatcher.deployment.tag | default .Chart.AppVersion }}
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
