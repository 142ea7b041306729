package identity

import (
	"net/http"
	"strings"

	"tollgate"
)

// KeyBeside is the header in which a gateway key comes beside the developer's own
// subscription, whose credential has the usual place.
const KeyBeside = "X-Tollgate-Key"

// Subscription is the credential of a developer's own subscription, as it stands
// in Authorization: a request has one when it names OAuth among its betas, and no
// gateway key where those are usually sent (contract.md 2.7; providers.md 1.11,
// oauth-2025-04-20, 2026-11-23). It is empty when there is none. Whoever has it
// passes it on to Anthropic and keeps it nowhere.
func Subscription(header http.Header) string {
	lines := header["Authorization"]
	if len(lines) != 1 || !namesOAuth(header["Anthropic-Beta"]) {
		return ""
	}
	for credential := range credentials(header) {
		if tollgate.LooksLikeKey(credential) {
			return ""
		}
	}
	scheme, token, _ := strings.Cut(lines[0], " ")
	if !strings.EqualFold(scheme, "bearer") || strings.TrimSpace(token) == "" {
		return ""
	}
	return lines[0]
}

func namesOAuth(lines []string) bool {
	for _, line := range lines {
		for beta := range strings.SplitSeq(line, ",") {
			if strings.HasPrefix(strings.TrimSpace(beta), "oauth-") {
				return true
			}
		}
	}
	return false
}
