package simulator

import (
	"net/http"
	"time"
)

// anthropic is the Messages API itself.
func (s *Simulator) anthropic() *face {
	f := &face{
		name: Anthropic, maxBody: 32 << 20, format: serverSentEvents, ids: "msg_01",
		headers: setHeaders, fault: envelope, routes: http.NewServeMux(),
	}
	f.admit = s.admitKey
	s.serveMessages(f)
	f.handle("GET /v1/models", versioned(s.listModels))
	f.handle("GET /v1/models/{id}", versioned(s.showModel))
	f.open("POST /v1/oauth/token", s.exchangeToken)
	f.open("GET /api/hello", hello)
	return f
}

// serveMessages serves what those have in common that speak the Messages API.
func (s *Simulator) serveMessages(f *face) {
	f.handle("POST /v1/messages", versioned(s.messages))
	f.handle("POST /v1/messages/count_tokens", versioned(s.countTokens))
}

// admitKey takes a key in either header, or a token.
func (s *Simulator) admitKey(v *visit) bool {
	if v.caller = credential(v.request.Header); s.knows(v.caller) {
		return true
	}
	v.error(http.StatusUnauthorized, "The simulated provider does not know this credential.")
	return false
}

// anthropicAWS is Claude Platform on AWS. Source: providers.md 5, 2026-11-23.
func (s *Simulator) anthropicAWS() *face {
	f := &face{
		name: AnthropicAWS, maxBody: 32 << 20, format: serverSentEvents, ids: "msg_01", routes: http.NewServeMux(),
		headers: func(h http.Header, now time.Time) { setHeaders(h, now); h.Set("X-Amzn-Requestid", newUUID()) },
		fault:   ownOr(awsFault), accept: acceptances[AnthropicAWS],
	}
	f.admit = func(v *visit) bool { return s.admitAWS(v, awsService) && s.inWorkspace(v) }
	s.serveMessages(f)
	f.handle("GET /v1/models", versioned(s.listModels))
	return f
}

// inWorkspace refuses a request that does not name the workspace.
func (s *Simulator) inWorkspace(v *visit) bool {
	named, ours := v.request.Header.Get("Anthropic-Workspace-Id"), s.config.Cloud.Workspace
	switch {
	case named == "":
		v.error(http.StatusBadRequest, "anthropic-workspace-id: header is required")
	case ours != "" && named != ours:
		v.deny(http.StatusForbidden, "AccessDeniedException", "The workspace is not of this account.")
	default:
		return true
	}
	return false
}
