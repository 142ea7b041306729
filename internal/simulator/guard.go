package simulator

import (
	"net/http"
	"slices"
)

// versions are the API versions the provider speaks. Source: providers.md
// 1.3, 2026-11-23.
var versions = []string{"2023-06-01", "2026-10-21"}

// versioned lets a request through to next when it names an API version.
func versioned(next func(*visit)) func(*visit) {
	return func(v *visit) {
		switch version := v.request.Header.Get("Anthropic-Version"); {
		case version == "":
			v.error(http.StatusBadRequest, "anthropic-version: this header is needed.")
		case !slices.Contains(versions, version):
			v.error(http.StatusBadRequest, "anthropic-version: the simulated provider does not speak this version.")
		default:
			next(v)
		}
	}
}

// knows says whether a key or token opens this door. One that was issued here is
// known as long as it holds.
func (s *Simulator) knows(credential string) bool {
	if credential == "" {
		return false
	}
	if s.tokens.live(credential, s.config.Now()) {
		return true
	}
	return len(s.config.Keys) == 0 && !issued(credential) || slices.Contains(s.config.Keys, credential)
}
