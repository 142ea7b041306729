package simulator

import (
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/oauth2/jwt"
)

// post sends a form.
func (p provider) form(path string, form url.Values) *http.Request {
	request := p.request("POST", path, form.Encode())
	request.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return request
}

var roleForm = url.Values{
	"Action": {"AssumeRole"}, "RoleArn": {"arn:aws:iam::111122223333:role/claude"}, "RoleSessionName": {"ann@example.com"},
	"Tags.member.1.Key": {"team"}, "Tags.member.1.Value": {"core"}, "Tags.member.2.Key": {"user"}, "Tags.member.2.Value": {"ann@example.com"},
}

func TestAssumedRoleOpensUntilItExpires(t *testing.T) {
	var tick clock
	p := start(t, Config{Now: tick.now, TokenLifetime: time.Minute})
	own := aws.Credentials{AccessKeyID: DefaultCloud.AccessKeyID, SecretAccessKey: DefaultCloud.SecretAccessKey}
	request := p.form("/", roleForm)
	sign(t, request, roleForm.Encode(), "sts", "us-east-1", tick.now(), own)
	response, text, err := p.ask(request)
	var given struct {
		ID     string `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
		Secret string `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
		Token  string `xml:"AssumeRoleResult>Credentials>SessionToken"`
		Until  string `xml:"AssumeRoleResult>Credentials>Expiration"`
	}
	if err != nil || response.StatusCode != 200 || xml.Unmarshal([]byte(text), &given) != nil || given.Until == "" {
		t.Fatalf("got %v, %v: %s", response, err, text)
	}
	role := p.AssumedRoles()[0]
	if role.SessionName != "ann@example.com" || !maps.Equal(role.Tags, map[string]string{"team": "core", "user": "ann@example.com"}) || role.Caller != own.AccessKeyID || role.AccessKeyID != given.ID {
		t.Errorf("remembers %+v", role)
	}
	here, body := at(t, Bedrock), at(t, Bedrock).body(false, "")
	for _, want := range []string{"", "ExpiredTokenException"} {
		request := p.request("POST", here.once, body)
		request.Header.Del("X-Api-Key")
		sign(t, request, body, "bedrock", "us-east-1", tick.now(), aws.Credentials{AccessKeyID: given.ID, SecretAccessKey: given.Secret, SessionToken: given.Token})
		response, text, err := p.ask(request)
		if code, _, _ := strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":"); err != nil || code != want {
			t.Errorf("got %v, %v: %s", response, err, text)
		}
		tick.advance(time.Minute)
	}
}

func TestRolesThatAreNotAssumed(t *testing.T) {
	p := start(t, Config{})
	own := aws.Credentials{AccessKeyID: DefaultCloud.AccessKeyID, SecretAccessKey: DefaultCloud.SecretAccessKey}
	for name, test := range map[string]struct {
		member, value string
		with          string // the service for which it is signed
		code          string
	}{
		"no signature":       {"Action", "AssumeRole", "", "MissingAuthenticationTokenException"},
		"another service":    {"Action", "AssumeRole", "bedrock", "InvalidSignatureException"},
		"another action":     {"Action", "GetCallerIdentity", "sts", "InvalidAction"},
		"no role":            {"RoleArn", "claude", "sts", "ValidationError"},
		"a session's name":   {"RoleSessionName", "ann example", "sts", "ValidationError"},
		"a tag's value":      {"Tags.member.1.Value", "a;b", "sts", "ValidationError"},
		"identity is no JWT": {"Action", "AssumeRoleWithWebIdentity", "", "InvalidIdentityToken"},
	} {
		form := maps.Clone(roleForm)
		form.Set(test.member, test.value)
		request := p.form("/sts/", form)
		if test.with != "" {
			sign(t, request, form.Encode(), test.with, "us-east-1", time.Now(), own)
		}
		if _, text, err := p.ask(request); err != nil || !strings.Contains(text, "<Code>"+test.code+"</Code>") {
			t.Errorf("%s: got %v: %s", name, err, text)
		}
	}
	if roles := p.AssumedRoles(); len(roles) != 0 {
		t.Errorf("remembers %v", roles)
	}
}

func TestServiceAccountOpensGoogleOnly(t *testing.T) {
	p := start(t, Config{Keys: []string{"only this"}})
	file, err := p.ServiceAccount(p.url)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]string
	if err := json.Unmarshal(file, &members); err != nil {
		t.Fatal(err)
	}
	account := &jwt.Config{
		Email: members["client_email"], PrivateKey: []byte(members["private_key"]), TokenURL: members["token_uri"], Scopes: []string{cloudPlatform},
	}
	token, err := account.TokenSource(t.Context()).Token()
	if err != nil {
		t.Fatal(err)
	}
	for provider, status := range map[Provider]int{Vertex: 200, Foundry: 401} {
		request := at(t, provider).ask(p, false, "")
		request.Header.Set("Authorization", "Bearer "+token.AccessToken)
		if response, text, err := p.ask(request); err != nil || response.StatusCode != status {
			t.Errorf("%s: got %v, %v: %s", provider, response, err, text)
		}
	}
	other, err := start(t, Config{}).ServiceAccount(p.url)
	if err != nil || json.Unmarshal(other, &members) != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*jwt.Config){
		"another scope":    func(c *jwt.Config) { c.Scopes = []string{"https://www.googleapis.com/auth/devstorage.read_only"} },
		"another audience": func(c *jwt.Config) { c.Audience = "https://elsewhere.example/token" },
		"another account":  func(c *jwt.Config) { c.Email = "mallory@example.com" },
		"another key":      func(c *jwt.Config) { c.PrivateKey = []byte(members["private_key"]) },
		"a long life":      func(c *jwt.Config) { c.Expires = 2 * time.Hour },
	} {
		one := *account
		change(&one)
		if _, err := one.TokenSource(t.Context()).Token(); err == nil {
			t.Errorf("%s: was given a token", name)
		}
	}
}

func TestEntraGivesTokensToItsApplication(t *testing.T) {
	p := start(t, Config{Keys: []string{"only this"}})
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {DefaultCloud.ClientID}, "client_secret": {DefaultCloud.ClientSecret}, "scope": {foundryScope}}
	_, text, err := p.ask(p.form("/entra/tenant/oauth2/v2.0/token", form))
	var issued struct {
		Token string `json:"access_token"`
	}
	if err != nil || json.Unmarshal([]byte(text), &issued) != nil || issued.Token == "" {
		t.Fatalf("got %v: %s", err, text)
	}
	for provider, status := range map[Provider]int{Foundry: 200, Vertex: 401} {
		request := at(t, provider).ask(p, false, "")
		request.Header.Set("Authorization", "Bearer "+issued.Token)
		if response, text, err := p.ask(request); err != nil || response.StatusCode != status {
			t.Errorf("%s: got %v, %v: %s", provider, response, err, text)
		}
	}
	for member, value := range map[string]string{"grant_type": "password", "client_id": "x", "client_secret": "x", "scope": "https://graph.microsoft.com/.default"} {
		other := maps.Clone(form)
		other.Set(member, value)
		if response, text, err := p.ask(p.form("/tenant/oauth2/v2.0/token", other)); err != nil || response.StatusCode < 400 {
			t.Errorf("%s %s: got %v, %v: %s", member, value, response, err, text)
		}
	}
	_, text, err = p.ask(p.request("GET", "/entra/tenant/v2.0/.well-known/openid-configuration", ""))
	if err != nil || !strings.Contains(text, `"token_endpoint":"`+p.url+`/entra/tenant/oauth2/v2.0/token"`) {
		t.Errorf("got %v: %s", err, text)
	}
}

func TestTokensOfNobodyOpenNothing(t *testing.T) {
	p := start(t, Config{})
	for provider, token := range map[Provider]string{Vertex: "ya29.simulated-made-up", Foundry: "entra-simulated-made-up"} {
		request := at(t, provider).ask(p, false, "")
		request.Header.Set("Authorization", "Bearer "+token)
		if response, text, err := p.ask(request); err != nil || response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: got %v, %v: %s", provider, response, err, text)
		}
	}
}
