package simulator

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// cloudPlatform is the scope of a token that may call a model.
const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

// serviceAccountEmail is the one account that Google knows here.
const serviceAccountEmail = "gateway@" + projectID + ".iam.gserviceaccount.com"

// google gives out Google's access tokens.
func (s *Simulator) google() *face {
	f := &face{
		name: Google, maxBody: 1 << 20, format: serverSentEvents, routes: http.NewServeMux(), fault: oauthFault,
		headers: func(http.Header, time.Time) {},
	}
	f.open("POST /token", s.exchangeAtGoogle)
	return f
}

// exchangeAtGoogle answers an assertion that a service account has signed, or a
// refresh token of a person.
func (s *Simulator) exchangeAtGoogle(v *visit) {
	v.operation = Token
	if s.misbehaved(v, nil) {
		return
	}
	form, _ := url.ParseQuery(string(v.body))
	var problem string
	switch form.Get("grant_type") {
	case jwtBearer:
		problem = s.assertion(form.Get("assertion"), "http://"+v.request.Host+strings.Split(v.request.RequestURI, "?")[0])
	case "refresh_token":
		if form.Get("refresh_token") == "" || form.Get("client_secret") == "" {
			problem = "A refresh token and a client's secret are needed."
		}
	default:
		problem = "This grant type is not known."
	}
	if problem != "" {
		v.deny(http.StatusBadRequest, "invalid_grant", problem)
		return
	}
	s.giveToken(v, "ya29.simulated-")
}

// giveToken answers with a token that begins like this.
func (s *Simulator) giveToken(v *visit, prefix string) {
	v.json(http.StatusOK, object{
		"access_token", s.tokens.issue(prefix, s.config.Now(), s.config.TokenLifetime),
		"token_type", "Bearer", "expires_in", int64(s.config.TokenLifetime / time.Second),
	})
}

// assertion says what is wrong with a service account's, or nothing.
func (s *Simulator) assertion(token, audience string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "The assertion is no JWT."
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	key := s.serviceAccount.Load()
	if err != nil || key == nil || rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature) != nil {
		return "Invalid JWT Signature."
	}
	var claims struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		Scope    string `json:"scope"`
		Issued   int64  `json:"iat"`
		Expires  int64  `json:"exp"`
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return "The assertion's claims cannot be read."
	}
	now := s.config.Now().Unix()
	switch {
	case claims.Issuer != serviceAccountEmail:
		return "Invalid grant: account not found"
	case claims.Audience != audience:
		return "The assertion is for " + claims.Audience + " and not for " + audience + "."
	case !strings.Contains(" "+claims.Scope+" ", " "+cloudPlatform+" "):
		return "The scope " + cloudPlatform + " is needed."
	case now < claims.Issued-300 || now >= claims.Expires || claims.Expires-claims.Issued > 3600+300:
		return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
	}
	return ""
}

// ServiceAccount is the key file of a service account that the simulator, which
// is reached at this address, knows from now on; it replaces an earlier one.
func (s *Simulator) ServiceAccount(url string) ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	s.serviceAccount.Store(key)
	return json.Marshal(map[string]string{
		"type": "service_account", "project_id": projectID, "client_email": serviceAccountEmail, "private_key_id": "simulated",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})),
		"token_uri":   url + "/google/token",
	})
}

// oauthFault is an error of a token endpoint.
func oauthFault(_ http.Header, f fault) []byte {
	code := f.said.Type
	if code == "" {
		code = "server_error"
	}
	return mustJSON(object{"error", code, "error_description", f.words(projectID)})
}
