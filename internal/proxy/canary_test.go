package proxy_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/config"
	"tollgate/internal/gatewaytest"
)

// The canaries: credentials of the provider and of administrators, each of
// which must be found at the provider or nowhere.
const (
	canaryKey       = "sk-ant-api03-canarykey-AAAAAAAAAAAAAAAA"
	canaryBearer    = "canarybearer-BBBBBBBBBBBBBBBBBBBBBBBB"
	canaryFile      = "canaryfile-CCCCCCCCCCCCCCCCCCCCCCCCCC"
	canaryAssertion = "eyJcanary.assertion.DDDDDDDDDDDDDDDDDDDD"
	canaryToken     = "sk-ant-oat01-canarytoken-EEEEEEEEEEEE"
	canaryHeader    = "canaryheader-FFFFFFFFFFFFFFFFFFFFFFFF"
	canaryAdmin     = "canaryadmin-GGGGGGGGGGGGGGGGGGGGGGGGG"
	canaryEarly     = "sk-ant-api03-canaryearly-HHHHHHHHHHHH" // of a configuration that never comes into force
)

// echo is a provider that repeats what it was sent wherever it can, as the
// request's x-mode says.
type echo struct {
	mu   sync.Mutex
	seen strings.Builder // every header that arrived
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	sent := r.Header.Get("X-Api-Key") + r.Header.Get("Authorization") + r.Header.Get("X-Extra")
	e.mu.Lock()
	fmt.Fprintln(&e.seen, r.Header, string(body))
	e.mu.Unlock()
	if r.URL.Path == "/v1/oauth/token" {
		e.exchange(w, body)
		return
	}
	w.Header().Set("X-Echo", sent)
	w.Header().Set("Www-Authenticate", "Bearer realm="+sent)
	quoted, _ := json.Marshal(sent)
	switch r.Header.Get("X-Mode") {
	case "refuse":
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"type":"error","error":{"type":%s,"message":%s}}`, quoted, quoted)
	case "fail":
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, sent)
	case "stream":
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "%sevent: error\ndata: {\"type\":\"error\",\"error\":{\"type\":%s,\"message\":%s}}\n\n", eventStart, quoted, quoted)
	case "broken":
		connection, _, _ := http.NewResponseController(w).Hijack()
		fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\n%s\r\n\r\n", strings.ReplaceAll(sent, ":", ""))
		connection.Close()
	default:
		fmt.Fprint(w, wholeAnswer)
	}
}

// exchange refuses the first time, as a provider that is too talkative would.
func (e *echo) exchange(w http.ResponseWriter, assertion []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if strings.Count(e.seen.String(), canaryAssertion) == 1 {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(assertion)
		return
	}
	fmt.Fprintf(w, `{"access_token":%q,"expires_in":3600}`, canaryToken)
}

// TestPromise6_CanarySecrets uses everything there is, well and badly, with
// the log at its most talkative, and then looks for every secret in everything
// the gateway has said, logged or kept.
func TestPromise6_CanarySecrets(t *testing.T) {
	e := new(echo)
	provider := httptest.NewServer(e)
	defer provider.Close()
	text := canaryConfig(t, provider.URL)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: text})
	var said bytes.Buffer // whatever the gateway itself says

	keys := adminCanaries(t, gateway, &said)
	keys = append(keys, gateway.Key)
	for _, style := range []tollgate.KeyStyle{tollgate.OpaqueKey, tollgate.JWTKey} {
		dataCanaries(t, gateway, style.Write(keys[0]), &said)
	}
	configCanaries(t, gateway, text, &said)
	gateway.Stop(t)

	secrets := map[string]string{
		"api_key": canaryKey, "bearer": canaryBearer, "bearer_file": canaryFile, "assertion": canaryAssertion, "federated token": canaryToken,
		"header": canaryHeader, "admin key": canaryAdmin, "key of a failed reload": canaryEarly,
	}
	for i, key := range keys {
		key, _ = tollgate.ReadKey(key)
		secrets[fmt.Sprintf("gateway key %d", i)] = key[17:] // the public id is no secret
		digest := sha256.Sum256([]byte(key))
		secrets[fmt.Sprintf("plain digest of gateway key %d", i)] = string(digest[:])
	}
	pepper, err := os.ReadFile(filepath.Join(gateway.Dir, "pepper"))
	if err != nil {
		t.Fatal(err)
	}
	places := filesOf(t, gateway.Dir)
	places["the log"], places["what was said"] = gateway.Log(), said.String()
	for name, secret := range secrets {
		lookFor(t, places, name, secret)
	}
	delete(places, "pepper")
	lookFor(t, places, "pepper", strings.TrimSpace(string(pepper)))
	for _, used := range []string{canaryKey, canaryBearer, canaryFile, canaryAssertion, canaryToken, canaryHeader} {
		if !strings.Contains(e.seen.String(), used) {
			t.Errorf("%s never reached the provider, so its absence elsewhere says nothing", used)
		}
	}
	for _, key := range keys {
		key, _ = tollgate.ReadKey(key)
		if strings.Contains(e.seen.String(), key) {
			t.Error("a gateway key reached the provider")
		}
	}
}

func canaryConfig(t *testing.T, provider string) string {
	t.Helper()
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("CANARY_BEARER", canaryBearer)
	return fmt.Sprintf(`admin:
  address: 127.0.0.1:0
  keys: [{name: terraform, key: %[1]s, role: write}]
upstreams:
  - {name: key, provider: anthropic, base_url: %[2]q, api_key: %[3]s, headers: {x-extra: %[4]s}}
  - {name: bearer, provider: anthropic, base_url: %[2]q, bearer: "${CANARY_BEARER}"}
  - {name: file, provider: anthropic, base_url: %[2]q, bearer_file: %[5]q}
  - name: federation
    provider: anthropic
    base_url: %[2]q
    federation: {rule: fdrl_01, organization: 00000000-0000-0000-0000-000000000001, token_file: %[6]q}
routes:
  - {models: ["claude-opus-*"], upstreams: [key]}
  - {models: ["claude-sonnet-*"], upstreams: [bearer]}
  - {models: ["claude-haiku-*"], upstreams: [file]}
  - {models: ["claude-fable-*"], upstreams: [federation]}
`, canaryAdmin, provider, canaryKey, canaryHeader, file("bearer", canaryFile), file("assertion", canaryAssertion))
}

// adminCanaries does what administrators do, over the socket and over the
// network, and writes down the answers but for the keys that they hold on
// purpose, which it returns.
func adminCanaries(t *testing.T, gateway *gatewaytest.Gateway, said io.Writer) (keys []string) {
	t.Helper()
	network, err := client.New(gateway.AdminURL(), canaryAdmin)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := client.New(gateway.AdminURL(), canaryAdmin+"x")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for i, admin := range []*client.Client{gateway.Admin, network, stranger} {
		email := fmt.Sprintf("dev%d@example.com", i)
		note := func(answer any, err error) {
			text, _ := json.Marshal(answer)
			fmt.Fprintln(said, string(text), err)
		}
		issued := func(key api.Key, err error) api.Key {
			if key.Key != "" {
				keys = append(keys, key.Key)
			}
			key.Key = ""
			note(key, err)
			return key
		}
		_, err := admin.CreateDeveloper(ctx, api.NewDeveloper{Email: email, Team: "core"})
		note(nil, err)
		key := issued(admin.CreateKey(ctx, api.NewKey{Developer: email, Label: "laptop"}))
		revoked := issued(admin.CreateKey(ctx, api.NewKey{Service: fmt.Sprintf("ci-%d", i), Team: "core", Style: "jwt"}))
		issued(admin.RotateKey(ctx, key.ID, api.KeyRotation{Grace: "1h"}))
		note(admin.RevokeKey(ctx, revoked.ID))
		if len(keys) > 0 {
			note(admin.Key(ctx, keys[0])) // the whole key where its id belongs
			note(admin.Key(ctx, tollgate.JWTKey.Write(keys[0])))
			note(admin.Keys(ctx, client.KeyFilter{Developer: keys[0]}))
			issued(admin.CreateKey(ctx, api.NewKey{Developer: keys[0]}))
		}
		note(admin.Keys(ctx, client.KeyFilter{}))
		note(admin.Usage(ctx, client.UsageQuery{By: []string{"key"}}))
	}
	if len(keys) != 6 {
		t.Fatalf("%d keys were issued", len(keys))
	}
	return keys
}

// dataCanaries sends good and bad requests through every upstream in every
// mode, and puts the key wherever it does not belong. What the gateway answers
// itself is written down; what the provider answers is the provider's.
func dataCanaries(t *testing.T, gateway *gatewaytest.Gateway, key string, said io.Writer) {
	t.Helper()
	ask := func(method, path, body string, header map[string]string) {
		request, err := http.NewRequestWithContext(t.Context(), method, gateway.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Api-Key", key)
		for name, value := range header {
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			fmt.Fprintln(said, err)
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		if response.Header.Get("X-Echo") == "" {
			fmt.Fprintln(said, response.StatusCode, response.Header, string(text))
		}
	}
	for _, model := range []string{"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5"} {
		for _, mode := range []string{"well", "well", "refuse", "fail", "stream", "broken"} {
			ask("POST", "/v1/messages", fmt.Sprintf(`{"model":%q,"stream":%v}`, model, mode == "stream"), map[string]string{"X-Mode": mode})
		}
	}
	cut, wrong := key[:len(key)-1], key[:len(key)-1]+"!"
	for _, body := range []string{"{}", key, fmt.Sprintf(`{"model":%q}`, key), fmt.Sprintf(`{"model":"claude-%s"}`, key), fmt.Sprintf(`{"model":"claude-opus-%s"}`, key)} {
		ask("POST", "/v1/messages", body, nil)
	}
	for _, place := range []string{"X-Api-Key", "User-Agent", "X-Claude-Code-Session-Id", "X-Claude-Code-Agent-Id", "Content-Encoding"} {
		for _, value := range []string{key, cut, wrong, "Bearer " + key} {
			ask("POST", "/v1/messages", `{"model":"gpt","metadata":{"user_id":"{\"device_id\":\"`+key+`\"}"}}`, map[string]string{place: value})
		}
	}
	for _, path := range []string{"/v1/models", "/v1/models?limit=" + key, "/v1/models/" + key, "/v1/" + key, "/" + key, "/healthz?" + key} {
		ask("GET", path, "", nil)
		ask("POST", path, key, map[string]string{"Authorization": "Basic " + key})
	}
}

// configCanaries shows the configuration, and fails to load others.
func configCanaries(t *testing.T, gateway *gatewaytest.Gateway, text string, said io.Writer) {
	t.Helper()
	t.Setenv("CANARY_EARLY", canaryEarly)
	parse := func(text string) *config.Config {
		settings, err := config.Parse("tollgate.yaml", []byte(text), config.Lookup{Env: os.LookupEnv, File: os.ReadFile})
		fmt.Fprintln(said, err)
		return settings
	}
	settings := parse("data_dir: " + gateway.Dir + "\n" + text)
	shown, err := settings.YAML()
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(said, "%s\n%s\n%v %+v %#v\n", shown, encoded, settings, *settings, settings)
	for _, wrong := range []string{
		"upstreams: [{name: a, provider: anthropic, api_key: [%s]}]", "upstreams: [{name: a, provider: anthropic, api_key: \"%s\\n\"}]",
		"upstreams: [{name: a, provider: anthropic, base_url: \"https://u:%s@example.com\", api_key: k}]", "upstreams: [{name: \"%s\", provider: anthropic, api_key: %[1]s, bearer: %[1]s}]",
		"%s: 1", "log: {level: \"%s\"}", "limits: {drain: \"%s\"}", "\t%s", "prices: {multiplier: \"%s\"}", "admin: {keys: [{name: a, key: \"%s\", role: \"%[1]s\"}]}",
	} {
		parse(strings.ReplaceAll(fmt.Sprintf(wrong, "CANARY"), "CANARY", "${CANARY_EARLY}"))
	}
	fmt.Fprintln(said, gateway.Reload(t, gatewaytest.Options{Config: text + "nonsense: " + canaryEarly + "\n"}))
	fmt.Fprintln(said, gateway.Reload(t, gatewaytest.Options{Config: text}))
}

// filesOf reads every file in the data folder.
func filesOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		files[entry.Name()] = string(text)
		return err
	})
	if err != nil || len(files["tollgate.db"])+len(files["pepper"]) == 0 {
		t.Fatal(err, slices.Collect(maps.Keys(files)))
	}
	return files
}

// lookFor fails where a secret stands, as it is or in a usual encoding.
func lookFor(t *testing.T, places map[string]string, name, secret string) {
	t.Helper()
	for place, text := range places {
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))[:len(secret)], hex.EncodeToString([]byte(secret))} {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s stands in %s: …%q…", name, place, text[max(0, at-200):min(len(text), at+100)])
				break
			}
		}
	}
}
