package simulator

import (
	"net/http"
	"slices"
)

// versions are the API versions the provider speaks. Source: providers.md
// 1.3, 2026-11-23.
var versions = []string{"2023-06-01", "2026-10-21"}

// guarded lets a request through to next when it names an API version and
// carries a credential that is known.
func (s *Simulator) guarded(next func(*visit)) func(*visit) {
	return func(v *visit) {
		switch version := v.request.Header.Get("Anthropic-Version"); {
		case !s.knows(credential(v.request.Header)):
			v.error(http.StatusUnauthorized, "The simulated provider does not know this credential.")
		case version == "":
			v.error(http.StatusBadRequest, "anthropic-version: this header is needed.")
		case !slices.Contains(versions, version):
			v.error(http.StatusBadRequest, "anthropic-version: the simulated provider does not speak this version.")
		default:
			next(v)
		}
	}
}

func (s *Simulator) knows(credential string) bool {
	if credential == "" {
		return false
	}
	return len(s.config.Keys) == 0 || slices.Contains(s.config.Keys, credential) || s.tokens.live(credential, s.config.Now())
}
