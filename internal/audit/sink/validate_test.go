package sink_test

import (
	"slices"
	"strings"
	"testing"

	"tollgate/internal/audit/sink"
	"tollgate/internal/audit/sink/sinktest"
	"tollgate/internal/secret"
)

func TestValidate(t *testing.T) {
	good := map[string]sink.Config{
		"jsonl":   {Path: "/x/a.jsonl"},
		"stdout":  {},
		"webhook": {URL: secret.New("https://x/y"), Secret: secret.New(sinktest.Canary)},
		"otlp":    {Endpoint: "https://otel.example.com:4318"},
		"s3":      {Bucket: "acme-audit", Region: "eu-central-1"},
	}
	for _, c := range []struct {
		kind   string
		change func(*sink.Config)
		want   []string // paths
	}{
		{"jsonl", func(*sink.Config) {}, nil},
		{"stdout", func(*sink.Config) {}, nil},
		{"webhook", func(*sink.Config) {}, nil},
		{"otlp", func(*sink.Config) {}, nil},
		{"s3", func(*sink.Config) {}, nil},
		{"", func(*sink.Config) {}, []string{"kind"}},
		{"syslog", func(*sink.Config) {}, []string{"kind"}},
		{"stdout", func(c *sink.Config) { c.Name = "" }, []string{"name"}},
		{"stdout", func(c *sink.Config) { c.Name = "A b" }, []string{"name"}},
		{"stdout", func(c *sink.Config) { c.From = "yesterday" }, []string{"from"}},
		{"stdout", func(c *sink.Config) { c.Every = -1 }, []string{"every"}},
		{"stdout", func(c *sink.Config) { c.Path, c.Bucket, c.Keep = "/x", "b", 2 }, []string{"path", "keep", "bucket"}},
		{"jsonl", func(c *sink.Config) { c.Path = "" }, []string{"path"}},
		{"jsonl", func(c *sink.Config) { c.MaxBytes, c.MaxAge, c.Keep = -1, -1, -1 }, []string{"max_bytes", "max_age", "keep"}},
		{"webhook", func(c *sink.Config) { c.URL, c.Secret = secret.String{}, secret.String{} }, []string{"url", "secret"}},
		{"webhook", func(c *sink.Config) { c.URL = secret.New("http://hooks.example.com/") }, []string{"url"}},
		{"webhook", func(c *sink.Config) { c.URL = secret.New("https://user:" + sinktest.Canary + "@x/") }, []string{"url"}},
		{"webhook", func(c *sink.Config) { c.URL = secret.New("https://x:99999/" + sinktest.Canary) }, []string{"url"}},
		{"webhook", func(c *sink.Config) { c.URL = secret.New("http://localhost:1/") }, nil},
		{"webhook", func(c *sink.Config) { c.Secret = secret.New("short") }, []string{"secret"}},
		{"webhook", func(c *sink.Config) { c.Secret = secret.New("whsec_!!") }, []string{"secret"}},
		{"webhook", func(c *sink.Config) { c.AllowPlainHTTP = true }, []string{"allow_plain_http"}},
		{"otlp", func(c *sink.Config) { c.Endpoint = "" }, []string{"endpoint"}},
		{"otlp", func(c *sink.Config) { c.Endpoint += "/v1/logs" }, []string{"endpoint"}},
		{"otlp", func(c *sink.Config) { c.Endpoint += "/?x" }, []string{"endpoint"}},
		{"otlp", func(c *sink.Config) { c.Endpoint = "http://otel.example.com" }, []string{"endpoint"}},
		{"otlp", func(c *sink.Config) { c.Endpoint, c.AllowPlainHTTP = "http://otel.example.com", true }, nil},
		{"otlp", func(c *sink.Config) {
			c.Headers = map[string]secret.String{"Content-Type": secret.New("x"), "a b": secret.New("x"), "c": secret.New("x\r\ny"), "d": secret.New("y")}
		}, []string{"headers.Content-Type", "headers.a b", "headers.c"}},
		{"s3", func(c *sink.Config) { c.Bucket, c.Region = "", "" }, []string{"bucket", "region"}},
		{"s3", func(c *sink.Config) { c.Bucket = "../x" }, []string{"bucket"}},
		{"s3", func(c *sink.Config) { c.Prefix = "../x" }, []string{"prefix"}},
		{"s3", func(c *sink.Config) { c.Prefix = "a//b" }, []string{"prefix"}},
		{"s3", func(c *sink.Config) { c.Prefix = "a/b.c/d-" }, nil},
		{"s3", func(c *sink.Config) { c.Lock = "legal" }, []string{"lock"}},
		{"s3", func(c *sink.Config) { c.Lock = sink.NoLock }, nil},
		{"s3", func(c *sink.Config) { c.Lock, c.Retain = sink.NoLock, 1 }, []string{"retain"}},
		{"s3", func(c *sink.Config) { c.Retain = -1 }, []string{"retain"}},
		{"s3", func(c *sink.Config) { c.AccessKeyID = "AKIA" }, []string{"secret_access_key"}},
		{"s3", func(c *sink.Config) { c.SecretAccessKey = secret.New(sinktest.Canary) }, []string{"secret_access_key"}},
		{"s3", func(c *sink.Config) { c.SessionToken = secret.New(sinktest.Canary) }, []string{"session_token"}},
		{"s3", func(c *sink.Config) {
			c.AccessKeyID, c.SecretAccessKey, c.Profile = "AKIA", secret.New(sinktest.Canary), "p"
		}, []string{"profile"}},
		{"s3", func(c *sink.Config) { c.Endpoint = "https://minio.example.com/bucket" }, []string{"endpoint"}},
		{"s3", func(c *sink.Config) { c.Endpoint = "http://minio.example.com" }, []string{"endpoint"}},
		{"s3", func(c *sink.Config) { c.Endpoint, c.AllowPlainHTTP, c.PathStyle = "http://minio:9000/", true, true }, nil},
	} {
		config := good[c.kind]
		config.Name, config.Kind = "a", c.kind
		c.change(&config)
		checkPaths(t, []sink.Config{config.WithDefaults()}, c.want)
	}
}

func checkPaths(t *testing.T, sinks []sink.Config, want []string) {
	t.Helper()
	var got []string
	for _, each := range sink.Validate(sinks) {
		if each.Message == "" || each.Remedy == "" || strings.Contains(each.Message+each.Remedy, sinktest.Canary) {
			t.Errorf("%+v", each)
		}
		got = append(got, strings.TrimPrefix(each.Path, "[0]."))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v: problems at %q, want %q", sinks, got, want)
	}
}

func TestValidateTwo(t *testing.T) {
	var all []sink.Config
	for _, each := range []sink.Config{
		{Name: "a", Kind: "stdout"},
		{Name: "a", Kind: "jsonl", Path: "/x/./y"},
		{Name: "b", Kind: "jsonl", Path: "/x/y"},
		{Name: "c", Kind: "stdout"},
	} {
		all = append(all, each.WithDefaults())
	}
	checkPaths(t, all, []string{"[1].name", "[2].path", "[3].kind"})
}
