{{/* The name of every object. */}}
{{- define "tollgate.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "tollgate.selector" -}}
app.kubernetes.io/name: tollgate
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "tollgate.labels" -}}
{{ include "tollgate.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{- define "tollgate.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "tollgate.fullname" .) }}
{{- else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "tollgate.scheme" -}}
{{ if .Values.tls.existingSecret }}https{{ else }}http{{ end }}
{{- end }}

{{/* tollgate.yaml: config, and what the chart says itself. */}}
{{- define "tollgate.config" -}}
{{- $listen := dict "address" ":8080" }}
{{- if .Values.tls.existingSecret }}
{{- $_ := set $listen "tls" (dict "cert" "/run/secrets/tollgate-tls/tls.crt" "key" "/run/secrets/tollgate-tls/tls.key") }}
{{- end }}
{{- $own := dict "data_dir" "/data/tollgate" "listen" $listen "limits" (dict "drain" (printf "%ds" (int .Values.drainSeconds))) }}
{{- if .Values.admin.enabled }}{{ $_ := set $own "admin" (dict "address" ":8081") }}{{ end }}
{{- range $member, $instead := dict "listen.address" "service.port" "listen.tls" "tls.existingSecret" "admin.address" "admin.enabled" "limits.drain" "drainSeconds" }}
{{- $path := splitList "." $member }}
{{- if hasKey (get $.Values.config (first $path) | default dict) (last $path) }}
{{- fail (printf "config.%s is the chart's own: set %s instead" $member $instead) }}
{{- end }}
{{- end }}
{{- if hasKey .Values.config "data_dir" }}{{ fail "config.data_dir is the chart's own: the data is on the volume of persistence" }}{{ end }}
{{- mergeOverwrite (deepCopy .Values.config) $own | toYaml }}
{{- end }}
