package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// foundryScope is the scope of a token that may call a model. Source:
// providers.md 4, 2026-11-23.
const foundryScope = "https://ai.azure.com/.default"

// entra gives out Microsoft's access tokens.
func (s *Simulator) entra() *face {
	f := &face{
		name: Entra, maxBody: 1 << 20, format: serverSentEvents, routes: http.NewServeMux(), fault: entraFault,
		headers: func(h http.Header, _ time.Time) { h.Set("X-Ms-Request-Id", newUUID()) },
	}
	f.open("POST /{tenant}/oauth2/v2.0/token", s.exchangeAtEntra)
	f.open("GET /{tenant}/v2.0/.well-known/openid-configuration", describeEntra)
	return f
}

// exchangeAtEntra answers a client's secret or assertion.
func (s *Simulator) exchangeAtEntra(v *visit) {
	v.operation = Token
	if s.misbehaved(v, nil) {
		return
	}
	form, _ := url.ParseQuery(string(v.body))
	switch cloud := s.config.Cloud; {
	case form.Get("grant_type") != "client_credentials":
		v.deny(http.StatusBadRequest, "unsupported_grant_type", "AADSTS70003: this grant type is not supported.")
	case !strings.Contains(" "+form.Get("scope")+" ", " "+foundryScope+" "):
		v.deny(http.StatusBadRequest, "invalid_scope", "AADSTS70011: the scope must be "+foundryScope+".")
	case form.Get("client_id") != cloud.ClientID:
		v.deny(http.StatusUnauthorized, "unauthorized_client", "AADSTS700016: the application was not found.")
	case form.Get("client_secret") != cloud.ClientSecret && strings.Count(form.Get("client_assertion"), ".") != 2:
		v.deny(http.StatusUnauthorized, "invalid_client", "AADSTS7000215: invalid client secret provided.")
	default:
		s.giveToken(v, "entra-simulated-")
	}
}

// describeEntra is the document in which a client looks for the endpoints.
func describeEntra(v *visit) {
	v.operation = Token
	scheme := "http://"
	if v.request.TLS != nil {
		scheme = "https://"
	}
	authority := scheme + v.request.Host + strings.TrimSuffix(strings.Split(v.path, "?")[0], "/v2.0/.well-known/openid-configuration")
	v.json(http.StatusOK, object{
		"issuer", authority + "/v2.0", "authorization_endpoint", authority + "/oauth2/v2.0/authorize",
		"token_endpoint", authority + "/oauth2/v2.0/token",
	})
}

// entraFault is an error of Entra's.
func entraFault(_ http.Header, f fault) []byte {
	code := f.said.Type
	if code == "" {
		code = "temporarily_unavailable"
	}
	return mustJSON(object{"error", code, "error_description", f.words("tenant " + tenantID), "error_codes", []int{f.status}})
}
