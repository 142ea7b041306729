package simulator

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// organization is the fictitious organisation that every credential belongs to.
const organization = "51a0a7ed-0000-4000-8000-000000000000"

// setHeaders writes what every answer of the provider carries: its request id
// and the state of the shared quota, which is nobody's business but the
// account's owner's. Source: providers.md 1.4, 2026-11-23.
func setHeaders(h http.Header, now time.Time) {
	h.Set("Request-Id", newID("req_01"))
	h.Set("Anthropic-Organization-Id", organization)
	reset := now.Add(30 * time.Second).UTC().Format(time.RFC3339)
	for _, quota := range quotas {
		h.Set(quota.name+"Limit", quota.limit)
		h.Set(quota.name+"Remaining", quota.remaining)
		h.Set(quota.name+"Reset", reset)
	}
}

var quotas = []struct{ name, limit, remaining string }{
	{"Anthropic-Ratelimit-Requests-", "4000", "3999"},
	{"Anthropic-Ratelimit-Input-Tokens-", "2000000", "1988000"},
	{"Anthropic-Ratelimit-Output-Tokens-", "400000", "399000"},
	{"Anthropic-Ratelimit-Tokens-", "2400000", "2387000"},
}

// newUUID names an answer as the clouds do.
func newUUID() string {
	var raw [16]byte
	rand.Read(raw[:])
	raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:])
}

// newID makes an identifier in the provider's manner: a prefix and 22 random
// characters.
func newID(prefix string) string {
	const letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz234567"
	var raw [22]byte
	rand.Read(raw[:])
	for i, b := range raw {
		raw[i] = letters[b%64]
	}
	return prefix + string(raw[:])
}

// credential is what the caller proves itself with: the provider takes an API
// key in either header. Source: providers.md 1.2, 2026-11-23.
func credential(h http.Header) string {
	if key := h.Get("X-Api-Key"); key != "" {
		return key
	}
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}
