package simulator

import (
	"net/http"
	"time"
)

// foundry is Microsoft Foundry. Source: providers.md 4, 2026-11-23.
func (s *Simulator) foundry() *face {
	f := &face{
		name: Foundry, maxBody: 32 << 20, format: serverSentEvents, ids: "msg_01", routes: http.NewServeMux(),
		headers: func(h http.Header, _ time.Time) {
			h.Set("Request-Id", newID("req_01"))
			h.Set("Apim-Request-Id", newUUID())
		},
		fault: ownOr(azureFault), accept: acceptances[Foundry],
	}
	f.admit, f.model, f.stranger = s.admitAzure, s.deployment, http.StatusNotFound
	s.serveMessages(f)
	f.handle("POST /anthropic/v1/messages", versioned(s.messages))
	f.handle("POST /anthropic/v1/messages/count_tokens", versioned(s.countTokens))
	return f
}

// admitAzure takes a key in one of three headers, or a token of Entra.
func (s *Simulator) admitAzure(v *visit) bool {
	v.caller = v.request.Header.Get("Api-Key")
	if v.caller == "" {
		v.caller = credential(v.request.Header)
	}
	if s.knows(v.caller) && !foreign(v.caller, Entra) {
		return true
	}
	v.deny(http.StatusUnauthorized, "401", "Access denied due to invalid subscription key or wrong API endpoint.")
	return false
}

// deployment is the model behind a deployment's name.
func (s *Simulator) deployment(name string) (string, bool) {
	if s.config.Cloud.Deployments == nil {
		return name, !dated.MatchString(name)
	}
	model, ok := s.config.Cloud.Deployments[name]
	return model, ok
}
