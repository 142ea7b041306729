package admin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
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
	"tollgate/internal/admin"
	"tollgate/internal/identity"
	"tollgate/internal/secret"
	"tollgate/internal/store"
)

// noon is when the tests' clock starts.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// office is an admin API with a real register, ledger and keyring behind it.
type office struct {
	t         *testing.T
	url       string
	folder    string
	store     *store.Store
	directory *identity.Directory
	rules     *rules
	service   *admin.Service
	log       *bytes.Buffer

	unstored atomic.Int64 // what the ledger says

	mu  sync.Mutex
	now time.Time
}

// ledger is a store that says how many requests it does not have.
type ledger struct {
	*store.Store
	unstored *atomic.Int64
}

// Check finds nothing but what it is.
func (l ledger) Check(context.Context) (tollgate.LedgerCheck, error) {
	return tollgate.LedgerCheck{Rows: 7, Waiting: 2, Open: 1, Notes: []string{"note"}, Checks: []tollgate.CheckResult{
		{Name: "journal", About: "this with that", Count: 2, Differences: []string{"one", "two"}},
		{Name: "row", About: "each row with itself"},
	}}, nil
}

func (l ledger) CatchUp(context.Context) int64 { return l.unstored.Load() }

// The keys of the administrators.
const (
	writeKey = "write-0123456789abcdef"
	readKey  = "read-0123456789abcdef"
)

func open(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, folder: t.TempDir(), log: new(bytes.Buffer), now: noon}
	var err error
	if o.store, err = store.Open(t.Context(), filepath.Join(o.folder, store.File)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.store.Close() })
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	o.directory = identity.New([]byte("pepper"), o.clock)
	if err := o.store.SetTimeZone(t.Context(), berlin.String()); err != nil {
		t.Fatal(err)
	}
	o.rules = newRules(o.store, berlin, o.clock)
	log := slog.New(slog.NewTextHandler(o.log, nil))
	o.service = admin.NewService(o.store, ledger{o.store, &o.unstored}, o.directory, o.rules, berlin, o.clock, log)
	keys := []admin.Key{
		{Name: "terraform", Key: secret.New(writeKey), Role: admin.Write},
		{Name: "viewer", Key: secret.New(readKey), Role: admin.Read},
		{Name: "broken"},
	}
	server := httptest.NewServer(admin.Handler(o.service, admin.Network(keys), "v1.2.3", log))
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// ask sends a request as it is and returns the answer.
func (o *office) ask(method, path, body string, headers ...string) (int, string, http.Header) {
	o.t.Helper()
	request, err := http.NewRequestWithContext(o.t.Context(), method, o.url+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request) // follows nothing
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return response.StatusCode, string(answer), response.Header
}

// do asks with the writing key, wants the status and decodes the answer.
func (o *office) do(method, path, body string, want int) map[string]any {
	o.t.Helper()
	status, answer, _ := o.ask(method, path, body, "Authorization", "Bearer "+writeKey)
	if status != want {
		o.t.Fatalf("%s %s %s answered %d %s, want %d", method, path, body, status, answer, want)
	}
	var members map[string]any
	if status != http.StatusNoContent {
		if err := json.Unmarshal([]byte(answer), &members); err != nil {
			o.t.Fatalf("%s %s answered %q: %v", method, path, answer, err)
		}
	}
	return members
}

// opens says whether the data plane takes the key.
func (o *office) opens(key string) bool {
	_, err := o.directory.Identify(http.Header{"Authorization": {"Bearer " + key}})
	return err == nil
}

// populate makes a team, a developer in it and a key, which it returns.
func (o *office) populate() (id, key string) {
	o.t.Helper()
	o.do("POST", "/api/v1/teams", `{"name":"platform"}`, 201)
	o.do("POST", "/api/v1/developers", `{"email":"Ada@Example.com","name":"Ada","team":"platform"}`, 201)
	created := o.do("POST", "/api/v1/keys", `{"developer":"ada@example.com"}`, 201)
	return created["id"].(string), created["key"].(string)
}

func TestAnswers(t *testing.T) {
	o := open(t)
	id, _ := o.populate()
	for _, test := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"GET", "/api/v1/teams", "", 200, `{"data":[{"name":"platform"}],"next":null}`},
		{"GET", "/api/v1/teams/platform", "", 200, `{"name":"platform"}`},
		{"GET", "/api/v1/teams?page=2", "", 400, `\"page\" is not a query parameter of this request, which takes none`},
		{"GET", "/api/v1/teams/nobody", "", 404, `tollgate team list shows`},
		{"POST", "/api/v1/teams", `{"name":"platform"}`, 409, "conflict_error"},
		{"POST", "/api/v1/teams", `{"name":" x"}`, 400, "begins with a letter or a digit"},
		{"POST", "/api/v1/teams", `{"name":"x\u0000"}`, 400, "printable"},
		{"POST", "/api/v1/teams", `{"nam":"x"}`, 400, `\"nam\" is not a member of this request; known are: name`},
		{"POST", "/api/v1/teams", `{"Name":"x"}`, 400, `\"Name\" is not a member`},
		{"POST", "/api/v1/teams", `{"name":7}`, 400, `\"name\" cannot be a JSON number`},
		{"POST", "/api/v1/teams", `{"name":"x"`, 400, "not a JSON object"},
		{"POST", "/api/v1/teams", `{"name":"x"}{}`, 400, "not a JSON object"},
		{"POST", "/api/v1/teams", `["x"]`, 400, "not a JSON object"},
		{"POST", "/api/v1/teams", ``, 400, "the name of a team"},
		{"POST", "/api/v1/teams", `{"name":"` + strings.Repeat("x", 1<<17) + `"}`, 413, "request_too_large"},
		{"DELETE", "/api/v1/teams/platform", "", 409, "not empty"},
		{"DELETE", "/api/v1/teams/nobody", "", 404, "there is no team"},
		{"PUT", "/api/v1/teams/platform", "", 404, "knows no PUT at this address"},

		{"GET", "/api/v1/developers", "", 200, `{"data":[{"email":"ada@example.com","name":"Ada","team":"platform"}],"next":null}`},
		{"GET", "/api/v1/developers?team=other", "", 404, `there is no team \"other\"`},
		{"GET", "/api/v1/developers/ADA@example.com", "", 200, `"email":"ada@example.com"`},
		{"POST", "/api/v1/developers", `{"email":"grace@example.com"}`, 201, `{"email":"grace@example.com","name":null,"team":null}`},
		{"POST", "/api/v1/developers", `{"email":"ADA@example.com"}`, 409, "exists already"},
		{"POST", "/api/v1/developers", `{"email":"Ada <ada@example.com>"}`, 400, "not an email address"},
		{"POST", "/api/v1/developers", `{"email":"bob@example.com","team":"nobody"}`, 404, "there is no team"},
		{"POST", "/api/v1/developers", `{"email":"bob@example.com","name":"a\u001b[31m"}`, 400, "printable"},
		{"GET", "/api/v1/developers/bob@example.com", "", 404, "there is no developer"},

		{"POST", "/api/v1/keys", `{}`, 400, "exactly one"},
		{"POST", "/api/v1/keys", `{"developer":"ada@example.com","service":"ci"}`, 400, "exactly one"},
		{"POST", "/api/v1/keys", `{"developer":"bob@example.com"}`, 404, "there is no developer"},
		{"POST", "/api/v1/keys", `{"service":"ci","team":"nobody"}`, 404, "there is no team"},
		{"POST", "/api/v1/keys", `{"service":"/ci"}`, 400, "the name of a service"},
		{"POST", "/api/v1/keys", `{"service":"ci","models":["claude-[*"]}`, 400, "is not a pattern"},
		{"POST", "/api/v1/keys", `{"service":"ci","models":[""]}`, 400, "is not a pattern"},
		{"POST", "/api/v1/keys", `{"service":"ci","models":"claude-*"}`, 400, `\"models\" cannot be a JSON string`},
		{"POST", "/api/v1/keys", `{"service":"ci","expires_at":"soon"}`, 400, "is not a time"},
		{"POST", "/api/v1/keys", `{"service":"ci","expires_at":"2026-11-23"}`, 400, "before it was made"},
		{"POST", "/api/v1/keys", `{"service":"ci@example.com"}`, 400, "looks like an email address"},
		{"GET", "/api/v1/keys?developer=typo@example.com", "", 404, `there is no developer \"typo@example.com\"`},
		{"GET", "/api/v1/keys?service=typo", "", 404, `there is no service \"typo\"`},
		{"GET", "/api/v1/keys?team=typo", "", 404, `there is no team \"typo\"`},
		{"GET", "/api/v1/keys?team=platform&service=typo", "", 404, "there is no service"},
		{"GET", "/api/v1/keys/nokey", "", 404, "there is no key"},
		{"POST", "/api/v1/keys/nokey/revoke", "", 404, "there is no key"},
		{"POST", "/api/v1/keys/nokey/rotate", "", 404, "there is no key"},
		{"POST", "/api/v1/keys/" + id + "/rotate", `{"grace":"-1h"}`, 400, "is not a span of time"},

		{"GET", "/api/v1/requests", "", 200, `{"data":[],"next":null,"unstored":0}`},
		{"GET", "/api/v1/requests?limit=1001", "", 400, "from 1 to 1000"},
		{"GET", "/api/v1/requests?limit=-1", "", 400, "from 1 to 1000"},
		{"GET", "/api/v1/requests?limit=0", "", 400, "from 1 to 1000"},
		{"GET", "/api/v1/requests?cursor=bogus", "", 400, `\"bogus\" is not a cursor`},
		{"GET", "/api/v1/requests?since=1M", "", 400, "m (minutes), h (hours), d (days) and w (weeks)"},
		{"GET", "/api/v1/requests?since=90m", "", 200, `"data":[]`},
		{"GET", "/api/v1/requests?where=interrupted=perhaps", "", 400, "interrupted is true or false"},
		{"GET", "/api/v1/requests?where=developer", "", 400, "is not a condition"},
		{"GET", "/api/v1/requests?where=shoe=42", "", 400, `\"shoe\" is not an attribute`},
		{"GET", "/api/v1/requests?since=yesterday", "", 400, "is not a time"},
		{"GET", "/api/v1/requests?since=1d&until=2d", "", 400, "before it begins"},
		{"GET", "/api/v1/requests/req_0", "", 404, "there is no request"},
		{"GET", "/api/v1/usage?by=shoe", "", 400, `\"shoe\" is not an attribute`},
		{"GET", "/api/v1/usage?time_zone=Local", "", 400, "not an IANA time zone"},
		{"GET", "/api/v1/usage?by=%zz", "", 400, "query string"},

		{"GET", "/", "", 404, "not_found_error"},
		{"GET", "/api/v1/nothing", "", 404, "not_found_error"},
		{"GET", "//api/v1/teams", "", 404, "not_found_error"},
		{"GET", "/api/v1/teams/", "", 404, "not_found_error"},
		{"GET", "/api/v1/teams/../keys", "", 404, "not_found_error"},
	} {
		status, answer, header := o.ask(test.method, test.path, test.body, "Authorization", "Bearer "+writeKey)
		if status != test.status || !strings.Contains(answer, test.contains) {
			t.Errorf("%s %s %.60s\n got  %d %s\n want %d …%s…", test.method, test.path, test.body, status, answer, test.status, test.contains)
		}
		if header.Get("Location") != "" || header.Get("Content-Type") != "application/json" || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s answered with %v", test.method, test.path, header)
		}
	}
}

func TestVersionIsAHealthCheckForAnybody(t *testing.T) {
	o := open(t)
	if status, answer, _ := o.ask("GET", "/api/v1/version", ""); status != 200 || answer != `{"version":"v1.2.3"}`+"\n" {
		t.Errorf("GET answered %d %s", status, answer)
	}
	if status, answer, _ := o.ask("HEAD", "/api/v1/version", ""); status != 200 || answer != "" {
		t.Errorf("HEAD answered %d %q", status, answer)
	}
}

func TestWhoMayAsk(t *testing.T) {
	o := open(t)
	for _, test := range []struct {
		name    string
		headers []string
		get     int
		post    int
		says    string
	}{
		{"nobody", nil, 401, 401, "needs a key"},
		{"a wrong key", []string{"Authorization", "Bearer " + writeKey + "x"}, 401, 401, "the admin key sent is not one of admin.keys"},
		{"the empty key", []string{"Authorization", "Bearer "}, 401, 401, "needs a key"},
		{"another scheme", []string{"Authorization", "Basic " + writeKey}, 401, 401, "needs a key"},
		{"a reader", []string{"Authorization", "Bearer " + readKey}, 200, 403, ""},
		{"a writer", []string{"Authorization", "bearer " + writeKey}, 200, 201, ""},
		{"another site", []string{"Authorization", "Bearer " + writeKey, "Sec-Fetch-Site", "cross-site"}, 403, 403, ""},
		{"another host of the site", []string{"Authorization", "Bearer " + writeKey, "Sec-Fetch-Site", "same-site"}, 403, 403, ""},
		{"another origin", []string{"Authorization", "Bearer " + writeKey, "Origin", "https://evil.example"}, 403, 403, ""},
		{"a hidden origin", []string{"Authorization", "Bearer " + writeKey, "Origin", "null"}, 403, 403, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if status, answer, _ := o.ask("GET", "/api/v1/teams", "", test.headers...); status != test.get || !strings.Contains(answer, test.says) {
				t.Errorf("GET answered %d %s, want %d %s", status, answer, test.get, test.says)
			}
			if status, answer, _ := o.ask("POST", "/api/v1/teams", `{"name":"`+strings.ReplaceAll(test.name, "'", "")+`"}`, test.headers...); status != test.post {
				t.Errorf("POST answered %d %s, want %d", status, answer, test.post)
			}
		})
	}
	if log := o.log.String(); strings.Contains(log, "level=ERROR") || strings.Count(log, "level=WARN msg=\"an administrator was not let in\" from=127.0.0.1:") != 16 {
		t.Errorf("want a warning for each who was not let in and no fault, but the log has:\n%s", log)
	}
}

func TestSameOriginPageMayAsk(t *testing.T) {
	o := open(t)
	status, answer, _ := o.ask("GET", "/api/v1/teams", "", "Authorization", "Bearer "+readKey, "Sec-Fetch-Site", "same-origin", "Origin", o.url)
	if status != 200 {
		t.Errorf("answered %d %s", status, answer)
	}
}

func TestCallerWithoutRoleMayDoNothing(t *testing.T) {
	o := open(t)
	if _, err := o.service.Teams(t.Context(), admin.Caller{Name: "broken"}); !tollgate.IsKind(err, tollgate.Forbidden) {
		t.Errorf("got %v, want Forbidden", err)
	}
}

func TestFaultIsLoggedAndNotTold(t *testing.T) {
	o := open(t)
	o.store.Close()
	status, answer, _ := o.ask("GET", "/api/v1/teams", "", "Authorization", "Bearer "+readKey)
	if status != 500 || strings.Contains(answer, "sql") {
		t.Errorf("answered %d %s", status, answer)
	}
	if !strings.Contains(o.log.String(), `route="GET /api/v1/teams"`) {
		t.Errorf("the log has %q", o.log)
	}
}

func TestRemovedDeveloperLosesTheirKeysAtOnce(t *testing.T) {
	o := open(t)
	id, key := o.populate()
	if !o.opens(key) {
		t.Fatal("the fresh key opens nothing")
	}
	removed := o.do("DELETE", "/api/v1/developers/ada@example.com", "", 200)
	revoked := removed["data"].([]any)
	if len(revoked) != 1 || revoked[0].(map[string]any)["id"] != id {
		t.Errorf("answered %v, want key %s", removed, id)
	}
	if o.opens(key) {
		t.Error("the key of a removed developer still opens")
	}
	o.do("DELETE", "/api/v1/developers/ada@example.com", "", 404)
	o.do("DELETE", "/api/v1/teams/platform", "", 204)
}

// Every change is in the log, with who made it; what is only read, or refused,
// is not.
func TestChangesAreLogged(t *testing.T) {
	o := open(t)
	id, _ := o.populate()
	o.do("POST", "/api/v1/keys/"+id+"/rotate", "", 200)
	o.do("POST", "/api/v1/keys/"+id+"/revoke", "", 200)
	o.do("DELETE", "/api/v1/teams/platform", "", 409)
	o.do("GET", "/api/v1/teams", "", 200)
	o.do("DELETE", "/api/v1/developers/ADA@example.com", "", 200)
	o.do("DELETE", "/api/v1/teams/platform", "", 204)
	want := []string{
		"team.create object=platform", "developer.create object=ada@example.com", "key.create object=" + id, "key.rotate object=" + id,
		"key.revoke object=" + id, "developer.remove object=ada@example.com", "team.remove object=platform",
	}
	lines := strings.Split(strings.TrimSpace(o.log.String()), "\n")
	for i, line := range lines {
		if len(lines) != len(want) || !strings.HasSuffix(line, `level=INFO msg="an administrator made a change" action=`+want[i]+" admin=terraform") {
			t.Fatalf("the log has\n%s\nwant one line each for\n%s", o.log, strings.Join(want, "\n"))
		}
	}
}

func TestUnixSocketIsAnAdministrator(t *testing.T) {
	caller, err := admin.Socket()(httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	if err != nil || caller.Role != admin.Write {
		t.Errorf("got %v, %v", caller, err)
	}
}

// bytesOf reads every file of the data folder.
func (o *office) bytesOf() []byte {
	o.t.Helper()
	var all []byte
	err := filepath.WalkDir(o.folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all = append(all, text...)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

func (o *office) record(exchanges ...*tollgate.Exchange) {
	o.t.Helper()
	if err := o.store.Append(context.Background(), exchanges); err != nil {
		o.t.Fatal(err)
	}
}
