package keyhelper_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/keyhelper"
)

// drawer is a keyring in memory, or none.
type drawer struct {
	mu      sync.Mutex
	secrets map[string]string
	closed  bool
}

var errClosed = errors.New("the keyring is locked")

func (d *drawer) Get(service, user string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return "", errClosed
	}
	return d.secrets[service+user], nil
}

func (d *drawer) Set(service, user, secret string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return errClosed
	}
	d.secrets[service+user] = secret
	return nil
}

// machine is a developer's, with an invitation.
type machine struct {
	*keyhelper.Helper
	g     *gatewaytest.Gateway
	ring  *drawer
	code  string
	ahead time.Duration // of the real time
}

func newMachine(t *testing.T, expires string) *machine {
	t.Helper()
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	invitation, err := g.Admin.Invite(t.Context(), api.NewInvitation{Developer: "ann@example.com", Expires: expires})
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{g: g, ring: &drawer{secrets: map[string]string{}}, code: invitation.Code}
	m.Helper = &keyhelper.Helper{
		Folder: filepath.Join(t.TempDir(), "tollgate"), Keyring: m.ring, Client: http.DefaultClient,
		Now: func() time.Time { return time.Now().Add(m.ahead) },
	}
	return m
}

func (m *machine) enroll(t *testing.T, store keyhelper.Store) (place string, err error) {
	t.Helper()
	gateway, code, err := keyhelper.ReadInvitation(m.g.URL+"#"+m.code, "")
	if err != nil {
		t.Fatal(err)
	}
	return m.Enroll(t.Context(), gateway, code, store)
}

func (m *machine) key(t *testing.T) string {
	t.Helper()
	key, warning, err := m.Key(t.Context())
	if err != nil || warning != "" {
		t.Fatalf("%v %q", err, warning)
	}
	return key
}

// opens says whether the gateway takes a key.
func (m *machine) opens(t *testing.T, key string) bool {
	t.Helper()
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, m.g.URL+"/v1/models", nil)
	request.Header.Set("X-Api-Key", key)
	status, _ := gatewaytest.Do(t, request)
	return status == http.StatusOK
}

// TestEnroll: with a keychain and without one; the invitation is good once.
func TestEnroll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		store  keyhelper.Store
		closed bool
		place  string
	}{
		"a keychain":              {keyhelper.Anywhere, false, "keychain"},
		"none":                    {keyhelper.Anywhere, true, "key.json"},
		"a file is wanted":        {keyhelper.File, false, "key.json"},
		"a keychain that is shut": {keyhelper.Keychain, true, ""},
	} {
		m := newMachine(t, "")
		if _, _, err := m.Key(t.Context()); !errors.Is(err, keyhelper.ErrNotEnrolled) {
			t.Errorf("%s: %v", name, err)
		}
		m.ring.closed = test.closed
		place, err := m.enroll(t, test.store)
		if test.place == "" {
			if err == nil {
				t.Errorf("%s: it is in %s", name, place)
			}
			m.g.Stop(t)
			continue
		}
		if err != nil || !strings.Contains(place, test.place) {
			t.Fatalf("%s: %q, %v", name, place, err)
		}
		if key := m.key(t); !m.opens(t, key) || key != m.key(t) {
			t.Errorf("%s: the key opens nothing, or changes", name)
		}
		text, err := os.ReadFile(filepath.Join(m.Folder, "key.json"))
		if err != nil || strings.Contains(string(text), "tgk_") != (test.place == "key.json") {
			t.Errorf("%s: the file has\n%s%v", name, text, err)
		}
		if _, err := m.enroll(t, test.store); err == nil || !strings.Contains(err.Error(), "opens nothing") {
			t.Errorf("%s: the invitation is good twice: %v", name, err)
		}
		m.g.Stop(t)
	}
}

// TestRenewal: a key is renewed when two thirds of its time are over, once, however
// many helpers are started; the one before it still opens for a while.
func TestRenewal(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "30d")
	if _, err := m.enroll(t, keyhelper.File); err != nil {
		t.Fatal(err)
	}
	first := m.key(t)
	if m.ahead = 19 * 24 * time.Hour; m.key(t) != first {
		t.Error("it is renewed before its time")
	}
	m.ahead = 21 * 24 * time.Hour
	keys := make([]string, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() { keys[i], _, _ = m.Key(t.Context()) })
	}
	all.Wait()
	second := m.key(t)
	for _, key := range keys {
		if key != second && key != first || key == "" {
			t.Errorf("one of several has another key: %.16s", key)
		}
	}
	if second == first || !m.opens(t, second) || !m.opens(t, first) {
		t.Error("it was not renewed, or one of the two opens nothing")
	}
	list, err := m.g.Admin.AuditRecords(t.Context(), client.AuditQuery{Where: []string{"action=key.rotate"}})
	if err != nil || len(list.Data) != 1 {
		t.Errorf("it is recorded %d times, %v", len(list.Data), err)
	}
}

// TestRenewalFails: the key that there is is printed as long as it opens, with a
// warning, and not when it has ended. An answer that was lost costs nothing.
func TestRenewalFails(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "30d")
	if _, err := m.enroll(t, keyhelper.File); err != nil {
		t.Fatal(err)
	}
	first := m.key(t)
	m.Client = &http.Client{Transport: losing{}}
	m.ahead = 25 * 24 * time.Hour
	for range 3 {
		key, warning, err := m.Key(t.Context())
		if key != first || err != nil || !strings.Contains(warning, "could not be renewed") {
			t.Errorf("%v %q", err, warning)
		}
	}
	if !m.opens(t, first) {
		t.Error("after answers that were lost the key opens nothing")
	}
	m.ahead = 31 * 24 * time.Hour
	if _, _, err := m.Key(t.Context()); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("%v", err)
	}
	m.Client, m.ahead = http.DefaultClient, 25*24*time.Hour
	if key := m.key(t); key == first || !m.opens(t, key) {
		t.Error("it is not renewed any more")
	}
}

// losing has requests done, and loses the answers.
type losing struct{}

func (losing) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		answer.Body.Close()
	}
	return nil, errors.New("the connection broke")
}

// TestOthersCanRead: a file that is open to others is not used.
func TestOthersCanRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("NOT TESTED: Windows has no such modes")
	}
	m := newMachine(t, "")
	if _, err := m.enroll(t, keyhelper.File); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(m.Folder, "key.json")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if key, _, err := m.Key(t.Context()); err == nil || key != "" || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("%v", err)
	}
}

// TestCommand: the organisation's own program prints the key.
func TestCommand(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "")
	for command, want := range map[string]string{"echo tgk_x": "tgk_x", "false": "", "true": "", "printf 'a\\nb\\n'": ""} {
		if err := m.Use(t.Context(), command); err != nil {
			t.Fatal(err)
		}
		if key, _, err := m.Key(t.Context()); key != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q %v", command, key, err)
		}
	}
}

// TestReadInvitation: what a developer pastes.
func TestReadInvitation(t *testing.T) {
	m := newMachine(t, "")
	for text, test := range map[string]struct{ address, want string }{
		"https://gw.example.com#" + m.code:              {"", ""},
		"  https://gw.example.com/llm#" + m.code + "\n": {"http://other", ""},
		m.code:                            {"https://gw.example.com", ""},
		m.code + " ":                      {"", "address is missing"},
		m.code[:40]:                       {"https://gw.example.com", "cut or mistyped"},
		"http://gw.example.com#" + m.code: {"", "clear text"},
		"http://127.0.0.1:8080#" + m.code: {"", ""},
		"#" + m.code:                      {"", "address is missing"},
		"tgk_" + m.code[4:]:               {"https://gw.example.com", "no invitation"},
	} {
		gateway, code, err := keyhelper.ReadInvitation(text, test.address)
		if test.want == "" && (err != nil || code != m.code || gateway.Host == "other") || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && strings.Contains(err.Error(), m.code[17:30]) {
			t.Errorf("the code is in %v", err)
		}
	}
}

func FuzzReadInvitation(f *testing.F) {
	f.Add("https://gw.example.com#tgi_", "http://127.0.0.1")
	f.Fuzz(func(t *testing.T, text, address string) {
		gateway, code, err := keyhelper.ReadInvitation(text, address)
		if err == nil && (gateway.Host == "" || !strings.HasPrefix(code, "tgi_")) {
			t.Errorf("%v %q", gateway, code)
		}
	})
}

// TestAStrangeGateway: what is no tollgate is told apart.
func TestAStrangeGateway(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "")
	gateway, _ := url.Parse(m.g.AdminURL())
	if gateway.Host == "" {
		gateway, _ = url.Parse("http://127.0.0.1:1")
	}
	if _, err := m.Enroll(t.Context(), gateway, m.code, keyhelper.File); err == nil || strings.Contains(err.Error(), m.code[17:]) {
		t.Errorf("%v", err)
	}
}
