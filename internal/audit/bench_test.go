package audit

import (
	"strings"
	"testing"
	"time"

	"tollgate"
)

func exchange() *tollgate.Exchange {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	digest := "blake3:" + strings.Repeat("0123456789abcdef", 4)
	return &tollgate.Exchange{
		ID: tollgate.NewRequestID(at), Time: at, Principal: tollgate.Principal{Key: "abcdef012345", Developer: "ann@example.com", Team: "payments"},
		Session: "23ea72a8-356c-414f-9f34-c23425c4de2b", Client: "claude-cli/2.1.330 (external, sdk-cli)", Device: strings.Repeat("0f3c", 16),
		Door: "messages", Operation: tollgate.Messages, Model: "claude-opus-5-5", Upstream: "bedrock-eu", UpstreamModel: "eu.anthropic.claude-opus-5-5", ServedModel: "claude-opus-5-5",
		Status: 200, Stream: true, Usage: tollgate.Usage{Tokens: tollgate.Tokens{Input: 412, CacheRead: 20480, Output: 800}}, Cost: 12_345_678,
		FirstByte: time.Second, Duration: 9 * time.Second, StopReason: "end_turn", UpstreamRequestID: "req_011CSHoEeqs5C35K2UUqR7Fy",
		RequestDigest: digest, ForwardedDigest: digest, ResponseDigest: digest, RequestBytes: 100_000, ResponseBytes: 30_000, Splices: []string{"model removed"},
	}
}

func BenchmarkRequest(b *testing.B) {
	x := exchange()
	head := tollgate.AuditHead{Chain: tollgate.NewChainID(x.Time)}
	for b.Loop() {
		head = head.After(Scribe{}.Request(head, x, "psn_0123456789abcdef"))
	}
}
