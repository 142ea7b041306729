package cred

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/secret"
)

const canary = "canary-4f1d"

// newWallClock begins now, since the clouds' libraries look at the machine's.
func newWallClock() *clock {
	c := &clock{}
	c.nanos.Store(time.Now().UnixNano())
	return c
}

// noCloudOfOurs keeps the machine's own credentials out of a test.
func noCloudOfOurs(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, name := range []string{"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_WEB_IDENTITY_TOKEN_FILE", "HTTP_PROXY", "HTTPS_PROXY"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// tokenService gives out t1, t2, …, each for an hour.
type tokenService struct {
	*httptest.Server
	count, status atomic.Int64
	hold          chan struct{} // an exchange waits for it
	forms         sync.Map      // number of the exchange → url.Values
}

func newTokenService(t *testing.T, start func(http.Handler) *httptest.Server, answer func(n int64) string) *tokenService {
	t.Helper()
	s := &tokenService{hold: make(chan struct{})}
	s.status.Store(200)
	s.Server = start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tenant, found := strings.CutSuffix(r.URL.Path, "/v2.0/.well-known/openid-configuration"); found {
			at := "https://" + r.Host + tenant
			fmt.Fprintf(w, `{"authorization_endpoint":"%[1]s/authorize","token_endpoint":"%[1]s/token","issuer":"%[1]s"}`, at)
			return
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		n := s.count.Add(1)
		s.forms.Store(n, r.PostForm)
		<-s.hold
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(int(s.status.Load()))
		if s.status.Load() != 200 {
			fmt.Fprintf(w, `{"error":"invalid_client","error_description":%q}`, r.PostForm.Encode())
			return
		}
		fmt.Fprint(w, answer(n))
	}))
	t.Cleanup(s.Close)
	return s
}

func bearerAnswer(n int64) string {
	return fmt.Sprintf(`{"access_token":"t%d","token_type":"Bearer","expires_in":3600}`, n)
}

// newGoogleKey writes a service account's key whose tokens come from there.
func newGoogleKey(t *testing.T, tokenURI string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	document, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "gateway@acme.iam", "private_key_id": "1", "token_uri": tokenURI,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(path, document, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPromise5_AGoogleTokenIsFetchedOnceAndRenewedBesideTheTraffic: 100 first
// requests wait for one exchange, nobody waits for a renewal, and one that fails
// takes nothing away.
func TestPromise5_AGoogleTokenIsFetchedOnceAndRenewedBesideTheTraffic(t *testing.T) {
	noCloudOfOurs(t)
	s, time0 := newTokenService(t, httptest.NewServer, bearerAnswer), newWallClock()
	var logged strings.Builder
	google := NewGoogle(newGoogleKey(t, s.URL), time0.now, slog.New(slog.NewTextHandler(&logged, nil)))
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if got := signed(t, google, "authorization"); got != "Bearer t1" {
				t.Error(got)
			}
		})
	}
	s.hold <- struct{}{}
	group.Wait()
	if n := s.count.Load(); n != 1 {
		t.Errorf("%d exchanges", n)
	}
	time0.forward(50 * time.Minute)
	if got := signed(t, google, "authorization"); got != "Bearer t1" {
		t.Errorf("a request waited for the renewal: %s", got)
	}
	s.status.Store(500)
	close(s.hold)
	waitFor(t, func() bool {
		google.source.mu.Lock()
		defer google.source.mu.Unlock()
		return google.source.renewAt.After(time0.now())
	})
	if got := signed(t, google, "authorization"); got != "Bearer t1" {
		t.Errorf("a failed renewal took the good token away: %s", got)
	}
	if text := logged.String(); !strings.Contains(text, "status 500") || strings.Contains(text, "assertion") {
		t.Errorf("logged: %s", text)
	}
}

func TestEntra(t *testing.T) {
	noCloudOfOurs(t)
	s, time0 := newTokenService(t, httptest.NewTLSServer, bearerAnswer), newWallClock()
	close(s.hold)
	t.Setenv("AZURE_AUTHORITY_HOST", s.URL)
	asked := &entra{EntraConfig{Tenant: "7b2f1c3e-0000-4000-8000-00000000abcd", ClientID: "app", ClientSecret: secret.New(canary)}, s.Client(), time0.now}
	token := newToken(asked.fetch, time0.now, slog.New(slog.DiscardHandler))
	if got := signed(t, token, "authorization"); !strings.HasPrefix(got, "Bearer t") {
		t.Fatal(got)
	}
	time0.forward(2 * time.Hour)
	s.status.Store(401)
	if got := signed(t, token, "authorization"); !strings.Contains(got, "status 401") || strings.Contains(got, canary) {
		t.Errorf("%q", got)
	}
}

func stsAnswer(n int64) string {
	return fmt.Sprintf(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIA%d</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>token%d</SessionToken><Expiration>%s</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>`, n, n, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}

// TestPromise5_ARoleIsAssumedForEachDeveloper: a session each, tagged by who
// presented the key, and one exchange for everybody who waits for the same one.
func TestPromise5_ARoleIsAssumedForEachDeveloper(t *testing.T) {
	noCloudOfOurs(t)
	s := newTokenService(t, httptest.NewServer, stsAnswer)
	t.Setenv("AWS_ENDPOINT_URL_STS", s.URL)
	aws := NewAWS(AWSConfig{
		Service: "bedrock", Region: "eu-central-1", AccessKeyID: "AKIA1", SecretAccessKey: secret.New(canary),
		Role: &Role{ARN: "arn:aws:iam::123456789012:role/gateway", ExternalID: "x", SessionName: ByDeveloper, SessionTags: []string{ByDeveloper, ByTeam}},
	}, newWallClock().now, slog.New(slog.DiscardHandler))
	sign := func(who tollgate.Principal) string {
		r := httptest.NewRequest("POST", "/model/a:0/invoke", nil)
		if err := aws.Sign(t.Context(), r, sumOf(""), who); err != nil {
			return err.Error()
		}
		return r.Header.Get("X-Amz-Security-Token")
	}
	ann, nightly := tollgate.Principal{Developer: "ann@example.com", Team: "payments"}, tollgate.Principal{Service: "nightly build"}
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if got := sign(ann); got != "token1" {
				t.Error(got)
			}
		})
	}
	s.hold <- struct{}{}
	group.Wait()
	close(s.hold)
	if got := sign(nightly); got != "token2" {
		t.Error(got)
	}
	form, _ := s.forms.Load(int64(1))
	for _, want := range []string{"RoleSessionName:[ann@example.com]", "Tags.member.1.Key:[developer]", "Tags.member.1.Value:[ann@example.com]", "Tags.member.2.Value:[payments]", "ExternalId:[x]"} {
		if !strings.Contains(fmt.Sprint(form), want) {
			t.Errorf("%s is not in %v", want, form)
		}
	}
	s.status.Store(403)
	if got := sign(tollgate.Principal{Developer: "bob@example.com"}); got == "" || strings.Contains(got, canary) || strings.HasPrefix(got, "token") {
		t.Errorf("%q", got)
	}
}

func TestSessionNames(t *testing.T) {
	long := strings.Repeat("a", 70)
	for name, want := range map[string]string{"": unnamed, "ann@example.com": "ann@example.com"} {
		if got := sessionName(name); got != want {
			t.Errorf("%q became %q", name, got)
		}
	}
	seen := map[string]bool{}
	for _, name := range []string{"a", "a b", "a-b", "a/b", "zoë", long, long + "b"} {
		got := sessionName(name)
		if seen[got] || len(got) < 2 || len(got) > maxSessionName || strings.ContainsAny(got, " /ë") {
			t.Errorf("%q became %q", name, got)
		}
		seen[got] = true
	}
}

func TestSessionsAreBounded(t *testing.T) {
	aws := NewAWS(AWSConfig{Role: &Role{SessionName: ByDeveloper}}, time.Now, slog.New(slog.DiscardHandler))
	first := aws.assumed(tollgate.Principal{Developer: "first"})
	for i := range maxSessions {
		aws.assumed(tollgate.Principal{Developer: fmt.Sprint("other", i)})
		if i < maxSessions-1 && aws.assumed(tollgate.Principal{Developer: "first"}) != first {
			t.Fatal("one in use was let go of")
		}
	}
	if len(aws.roles.of) != maxSessions || aws.roles.recent.Len() != maxSessions {
		t.Errorf("%d and %d are kept", len(aws.roles.of), aws.roles.recent.Len())
	}
}

func sumOf(body string) func() Sum { return func() Sum { return sha256.Sum256([]byte(body)) } }

// TestASignatureLeavesOutWhatTravels: what proxies write anew is not signed, and
// what a client signed with does not pass.
func TestASignatureLeavesOutWhatTravels(t *testing.T) {
	aws := NewAWS(AWSConfig{Service: "bedrock", Region: "eu-central-1", AccessKeyID: "AKIA1", SecretAccessKey: secret.New("s")}, time.Now, slog.New(slog.DiscardHandler))
	r := httptest.NewRequest("POST", "/model/a/invoke", nil)
	r.Header = http.Header{"Traceparent": {"00-1"}, "Baggage": {"a"}, "Content-Type": {"application/json"}, "X-Amz-Security-Token": {"theirs"}, "X-Amz-Date": {"theirs"}}
	if err := aws.Sign(context.Background(), r, sumOf("{}"), tollgate.Principal{}); err != nil {
		t.Fatal(err)
	}
	if got := r.Header.Get("Authorization"); !strings.Contains(got, "SignedHeaders=content-type;host;x-amz-date,") || !strings.Contains(got, "/eu-central-1/bedrock/aws4_request") {
		t.Error(got)
	}
	if r.Header.Get("X-Amz-Security-Token") != "" || r.Header.Get("X-Amz-Date") == "theirs" || r.Header.Get("Traceparent") == "" {
		t.Error(r.Header)
	}
}
