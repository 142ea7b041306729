package tokenexchange

import (
	"io"
	"mime"
	"net/http"
	"net/url"
)

// What a form is of, and how large one may be. A token has some kilobytes.
const (
	exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessToken   = "urn:ietf:params:oauth:token-type:access_token"
	jwtToken      = "urn:ietf:params:oauth:token-type:jwt"
	idToken       = "urn:ietf:params:oauth:token-type:id_token"

	mostForm = 64 << 10
)

// subjectToken reads the token out of a request (RFC 8693 2.1).
func subjectToken(r *http.Request) (string, *refusal) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return "", errForm
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, mostForm+1))
	if err != nil || len(body) > mostForm {
		return "", errForm
	}
	return tokenIn(string(body))
}

// tokenIn reads a form.
func tokenIn(body string) (string, *refusal) {
	form, err := url.ParseQuery(body)
	if err != nil {
		return "", errForm
	}
	for name, values := range form {
		if len(values) > 1 && name != "audience" && name != "resource" {
			return "", errForm
		}
	}
	kind, asked := form.Get("subject_token_type"), form.Get("requested_token_type")
	switch {
	case form.Get("grant_type") != exchangeGrant:
		return "", errGrant
	case form.Get("subject_token") == "":
		return "", errNoToken
	case kind != jwtToken && kind != idToken:
		return "", errType
	case asked != "" && asked != accessToken:
		return "", errRequested
	case form.Has("actor_token"):
		return "", errActor
	}
	return form.Get("subject_token"), nil
}
