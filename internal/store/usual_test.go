package store_test

import (
	"strings"
	"time"

	"tollgate"
)

// usual is a row as Claude Code makes them, with ids as long as the real ones.
func usual(at time.Time) *tollgate.Exchange {
	const uuid = "0b54c7f2-7d1e-4c86-9d3c-5a1be1f0a7c2"
	digest := "blake3:" + strings.Repeat("0123456789abcdef", 4)
	x := request(at)
	x.Principal = tollgate.Principal{Key: "0123456789ab", Developer: "ada.lovelace@example.com", Team: "platform"}
	x.Session, x.Prompt, x.Account, x.RequestClass = uuid, uuid, uuid, "interactive"
	x.Client, x.Device = "claude-cli/2.1.80 (external, sdk-cli)", strings.Repeat("0123456789abcdef", 4)
	x.Door, x.Operation, x.Stream, x.StopReason = "messages", tollgate.Messages, true, "tool_use"
	x.Model, x.UpstreamModel, x.ServedModel = "claude-opus-5-5", "claude-opus-5-5", "claude-opus-5-5-20261001"
	x.Usage.Tokens = tollgate.Tokens{Input: 12, CacheWrite5m: 1834, CacheRead: 84_211, Output: 912}
	x.Usage.Speed, x.Usage.Geo, x.Usage.ServiceTier = "standard", "not_available", "standard"
	x.Cost, x.Thought, x.FirstByte, x.Duration = 48_123_450, 240, 812*time.Millisecond, 14*time.Second
	x.UpstreamRequestID = "req_011" + x.ID[4:]
	x.RequestDigest, x.ForwardedDigest, x.ResponseDigest = digest, digest, digest
	x.RequestBytes, x.ResponseBytes = 118_334, 21_877
	return x
}
