package observe

import (
	"slices"
	"testing"

	"tollgate/internal/secret"
)

func TestTelemetryIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		otlp OTLP
		want []string // the paths of the problems
	}{
		"https":              {OTLP{Endpoint: "https://otel.example.com"}, nil},
		"with a port":        {OTLP{Endpoint: "https://otel.example.com:4318/tenant/"}, nil},
		"this machine":       {OTLP{Endpoint: "http://localhost:4318"}, nil},
		"this machine, v6":   {OTLP{Endpoint: "http://[::1]:4318"}, nil},
		"in the clear":       {OTLP{Endpoint: "http://otel:4318"}, []string{"otlp.endpoint"}},
		"that is intended":   {OTLP{Endpoint: "http://otel:4318", AllowPlainHTTP: true}, nil},
		"nothing":            {OTLP{}, []string{"otlp.endpoint"}},
		"no scheme":          {OTLP{Endpoint: "otel:4318"}, []string{"otlp.endpoint"}},
		"gRPC":               {OTLP{Endpoint: "grpc://otel:4317"}, []string{"otlp.endpoint"}},
		"no host":            {OTLP{Endpoint: "https://:4318"}, []string{"otlp.endpoint"}},
		"no port":            {OTLP{Endpoint: "https://otel:"}, []string{"otlp.endpoint"}},
		"a port too far":     {OTLP{Endpoint: "https://otel:65536"}, []string{"otlp.endpoint"}},
		"a credential":       {OTLP{Endpoint: "https://me:secret@otel"}, []string{"otlp.endpoint"}},
		"a query":            {OTLP{Endpoint: "https://otel/?"}, []string{"otlp.endpoint"}},
		"a fragment":         {OTLP{Endpoint: "https://otel/#"}, []string{"otlp.endpoint"}},
		"one signal's":       {OTLP{Endpoint: "https://otel/v1/traces"}, []string{"otlp.endpoint"}},
		"one signal's too":   {OTLP{Endpoint: "https://otel/v1/traces/"}, []string{"otlp.endpoint"}},
		"all":                {OTLP{Endpoint: "https://otel", Sample: "1.0"}, nil},
		"a few":              {OTLP{Endpoint: "https://otel", Sample: "0.001"}, nil},
		"too many":           {OTLP{Endpoint: "https://otel", Sample: "1.1"}, []string{"otlp.sample"}},
		"per cent":           {OTLP{Endpoint: "https://otel", Sample: "10%"}, []string{"otlp.sample"}},
		"not a number":       {OTLP{Endpoint: "https://otel", Sample: "NaN"}, []string{"otlp.sample"}},
		"fewer than none":    {OTLP{Endpoint: "https://otel", MaxPerSecond: -1}, []string{"otlp.max_per_second"}},
		"a header":           {OTLP{Endpoint: "https://otel", Headers: headers("Authorization", "Bearer x")}, nil},
		"a header of ours":   {OTLP{Endpoint: "https://otel", Headers: headers("content-type", "x")}, []string{"otlp.headers.content-type"}},
		"no header's name":   {OTLP{Endpoint: "https://otel", Headers: headers("a b", "x")}, []string{"otlp.headers.a b"}},
		"no header's value":  {OTLP{Endpoint: "https://otel", Headers: headers("a", "x\ny")}, []string{"otlp.headers.a"}},
		"all of it at once!": {OTLP{Endpoint: "otel", Sample: "2", MaxPerSecond: -1}, []string{"otlp.endpoint", "otlp.sample", "otlp.max_per_second"}},
	} {
		var got []string
		for _, problem := range (Telemetry{OTLP: &c.otlp}).WithDefaults().Validate() {
			got = append(got, problem.Path)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if problems := (Telemetry{}).WithDefaults().Validate(); problems != nil {
		t.Errorf("%v", problems)
	}
}

func headers(name, value string) map[string]secret.String {
	return map[string]secret.String{name: secret.New(value)}
}
