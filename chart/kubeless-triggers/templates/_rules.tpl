{{/* What the controller may do to the objects of a namespace. docs/security.md says why it needs each. */}}
{{- define "kubeless-triggers.rules" -}}
{{- $plurals := (include "kubeless-triggers.kinds" . | fromJson).plurals -}}
- apiGroups: [kubeless.io]
  resources:
    {{- range $plurals }}
    - {{ . }}
    {{- end }}
  verbs: [get, list, watch]
- apiGroups: [kubeless.io]
  resources:
    {{- range $plurals }}
    - {{ . }}/status
    {{- end }}
  verbs: [patch]
- apiGroups: [kubeless.io]
  resources:
    {{- range $plurals }}
    - {{ . }}/finalizers
    {{- end }}
  verbs: [update]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [services, pods]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [events]
  verbs: [list]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* Who gets them. */}}
{{- define "kubeless-triggers.subjects" -}}
- kind: ServiceAccount
  name: {{ include "kubeless-triggers.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
