package main

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tollgate"
)

// serverFleet is a configuration with one upstream, or with a mistake.
type serverFleet struct{ mistake atomic.Value }

func (f *serverFleet) Reload() (tollgate.Reload, error) {
	if mistake, ok := f.mistake.Load().(string); ok {
		return tollgate.Reload{}, tollgate.Errorf(tollgate.Invalid, "%s", mistake)
	}
	return tollgate.Reload{Changed: []string{"routes", "upstreams"}}, nil
}

func (f *serverFleet) Upstreams() []tollgate.UpstreamState {
	return []tollgate.UpstreamState{{
		Name: "a", Provider: "bedrock", Address: "https://example.com", Credential: "api_key",
		Models: []tollgate.UpstreamModel{{Model: "claude-opus-5-5", Name: "eu.anthropic.claude-opus-5-5"}},
		Rests:  []tollgate.UpstreamRest{{Until: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), Why: "status 529"}},
	}}
}

func (f *serverFleet) AuditSinks() []tollgate.AuditSink {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	return []tollgate.AuditSink{
		{Name: "file", Kind: "jsonl", Chain: "chn_1", Number: 12, Checkpoint: 3, Delivered: at, Records: 12},
		{Name: "vault", Kind: "s3", Waiting: 12, Oldest: at, Failures: 2, FailingSince: at, Error: "it answered with status 403 (AccessDenied)"},
	}
}

func (f *serverFleet) CheckUpstream(_ context.Context, name string) (tollgate.UpstreamCheck, error) {
	if name == "broken" {
		return tollgate.UpstreamCheck{Upstream: name, Model: "m", Name: "m", Remedy: "there was no answer"}, nil
	}
	return tollgate.UpstreamCheck{
		Upstream: name, Model: "claude-opus-5-5", Name: "eu.anthropic.claude-opus-5-5",
		Reachable: true, Accepted: true, Served: true, Status: 200, Latency: 12 * time.Millisecond,
	}, nil
}

// runFleet says which configuration there is: one with an upstream, or one with
// this mistake.
func runFleet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fleet a|MISTAKE")
	}
	if strings.Contains(args[0], " ") {
		serverOf(ts).fleet.mistake.Store(args[0])
	}
}
