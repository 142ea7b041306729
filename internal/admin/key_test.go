package admin_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/identity"
)

func TestKeyIsShownOnceAndOpensAtOnce(t *testing.T) {
	o := open(t)
	o.populate()
	created := o.do("POST", "/api/v1/keys",
		`{"developer":"ADA@example.com","label":"laptop","expires_at":"90d","models":["claude-haiku-*"]}`, 201)
	key, id := created["key"].(string), created["id"].(string)
	if of, ok := tollgate.KeyIDOf(key); !ok || of != id {
		t.Errorf("key %q is not one of id %q", key, id)
	}
	if !o.opens(key) {
		t.Error("the key opens nothing")
	}
	shown := o.do("GET", "/api/v1/keys/"+id, "", 200)
	for member, want := range map[string]any{
		"id": id, "developer": "ada@example.com", "service": nil, "team": "platform", "label": "laptop",
		"created_at": "2026-11-23T12:00:00Z", "expires_at": "2027-02-21T12:00:00Z",
		"last_used_at": "2026-11-23T12:00:00Z", "revoked_at": nil,
	} {
		if shown[member] != want {
			t.Errorf("%s is %v, want %v", member, shown[member], want)
		}
	}
	if _, there := shown["key"]; there {
		t.Error("the key is shown again")
	}
	o.pass(90 * 24 * time.Hour)
	if o.opens(key) {
		t.Error("the key opens after it has expired")
	}
	o.do("POST", "/api/v1/keys/"+id+"/rotate", "", 409)
}

func TestServiceComesWithItsFirstKey(t *testing.T) {
	o := open(t)
	o.populate()
	first := o.do("POST", "/api/v1/keys", `{"service":"nightly","team":"platform"}`, 201)
	second := o.do("POST", "/api/v1/keys", `{"service":"nightly"}`, 201)
	for _, key := range []map[string]any{first, second} {
		if key["service"] != "nightly" || key["team"] != "platform" || key["developer"] != nil {
			t.Errorf("made %v", key)
		}
		principal, err := o.directory.Identify(http.Header{"X-Api-Key": {key["key"].(string)}})
		if err != nil || principal.Service != "nightly" || principal.Team != "platform" {
			t.Errorf("opens as %+v, %v", principal, err)
		}
	}
	for filter, want := range map[string]int{"service=nightly": 2, "developer=ADA@example.com": 1, "team=platform": 3, "": 3} {
		if list := o.do("GET", "/api/v1/keys?"+filter, "", 200)["data"].([]any); len(list) != want {
			t.Errorf("%q lists %d keys, want %d", filter, len(list), want)
		}
	}
}

func TestRotationHasAGraceTime(t *testing.T) {
	o := open(t)
	id, first := o.populate()
	rotate := func(body string) string {
		rotated := o.do("POST", "/api/v1/keys/"+id+"/rotate", body, 200)
		if rotated["id"] != id {
			t.Errorf("the id changed to %v", rotated["id"])
		}
		return rotated["key"].(string)
	}
	expect := func(when string, want map[string]bool) {
		t.Helper()
		for key, opens := range want {
			if o.opens(key) != opens {
				t.Errorf("%s: one key opens: %v, want %v", when, !opens, opens)
			}
		}
	}
	second := rotate("")
	expect("after a rotation", map[string]bool{first: true, second: true})
	o.pass(24*time.Hour - time.Nanosecond)
	expect("at the end of the default grace", map[string]bool{first: true, second: true})
	if shown := o.do("GET", "/api/v1/keys/"+id, "", 200); shown["old_secret_expires_at"] != "2026-11-24T12:00:00Z" {
		t.Errorf("within the grace the key is shown as %v", shown)
	}
	o.pass(time.Nanosecond)
	expect("after the grace", map[string]bool{first: false, second: true})
	if shown := o.do("GET", "/api/v1/keys/"+id, "", 200); shown["old_secret_expires_at"] != nil {
		t.Errorf("after the grace the key is shown as %v", shown)
	}

	third := rotate(`{"grace":"2d"}`)
	o.pass(time.Hour)
	fourth := rotate(`{"grace":"2d"}`)
	expect("a rotation within a grace drops the oldest", map[string]bool{second: false, third: true, fourth: true})

	fifth := rotate(`{"grace":"0s"}`)
	expect("without grace", map[string]bool{third: false, fourth: false, fifth: true})
	stored, err := o.store.Key(t.Context(), id)
	if err != nil || len(stored.Secrets) != 1 {
		t.Errorf("the register keeps %d secrets (%v), want 1", len(stored.Secrets), err)
	}
}

func TestRevocationIsAtOnceAndForGood(t *testing.T) {
	o := open(t)
	id, key := o.populate()
	first := o.do("POST", "/api/v1/keys/"+id+"/revoke", "", 200)
	if o.opens(key) {
		t.Error("a revoked key opens")
	}
	o.pass(time.Hour)
	again := o.do("POST", "/api/v1/keys/"+key+"/revoke", "", 200) // as whoever found it would
	if first["revoked_at"] != "2026-11-23T12:00:00Z" || again["revoked_at"] != first["revoked_at"] {
		t.Errorf("revoked at %v, then at %v", first["revoked_at"], again["revoked_at"])
	}
	o.do("POST", "/api/v1/keys/"+id+"/rotate", "", 409)
}

// dawdler is a keyring that does something else first.
type dawdler struct {
	*identity.Directory
	first func(tollgate.Key)
}

func (d *dawdler) Put(key tollgate.Key) {
	d.first(key)
	d.Directory.Put(key)
}

// A revocation that comes while a rotation is on its way to the data plane
// must not be overtaken by it.
func TestRevocationIsNotOvertaken(t *testing.T) {
	o := open(t)
	id, key := o.populate()
	root := admin.Caller{Name: "test", Role: admin.Write}
	keyring := &dawdler{Directory: o.directory}
	service := admin.NewService(o.store, ledger{o.store, &o.unstored}, keyring, o.rules, time.UTC, o.clock, slog.New(slog.DiscardHandler))

	var revoking sync.WaitGroup
	keyring.first = func(changed tollgate.Key) {
		if !changed.RevokedAt.IsZero() {
			return
		}
		revoking.Go(func() {
			if _, err := service.RevokeKey(context.Background(), root, id); err != nil {
				t.Error(err)
			}
		})
		for range 500 { // give it every chance to come first
			if stored, _ := o.store.Key(t.Context(), id); !stored.RevokedAt.IsZero() {
				break
			}
		}
	}
	rotated, err := service.RotateKey(t.Context(), root, id, "24h")
	if err != nil {
		t.Fatal(err)
	}
	revoking.Wait()
	if o.opens(key) || o.opens(rotated.Whole.Reveal()) {
		t.Error("the key opens after it was revoked")
	}
}

func TestPromise6_KeysAreToldOnceAndKeptNowhere(t *testing.T) {
	o := open(t)
	id, first := o.populate()
	second := o.do("POST", "/api/v1/keys/"+id+"/rotate", "", 200)["key"].(string)
	o.opens(second)

	var told bytes.Buffer
	for _, path := range []string{
		"/api/v1/keys", "/api/v1/keys/" + id, "/api/v1/keys/" + first, "/api/v1/keys/" + first + "0", "/api/v1/keys/" + first + "/",
		"/api/v1/developers", "/api/v1/requests", "/api/v1/usage",
	} {
		_, answer, _ := o.ask("GET", path, "", "Authorization", "Bearer "+writeKey)
		told.WriteString(answer)
	}
	_, refusal, _ := o.ask("GET", "/api/v1/teams", "", "Authorization", "Bearer "+second)
	told.WriteString(refusal)
	o.store.Close()
	o.do("GET", "/api/v1/keys/"+first, "", 500) // leaves a line in the log

	kept := o.bytesOf()
	if !bytes.Contains(kept, []byte("ada@example.com")) {
		t.Fatal("the test does not see what the database holds")
	}
	for name, text := range map[string]string{"an answer": told.String(), "the log": o.log.String(), "the database": string(kept)} {
		for _, key := range []string{first, second, writeKey, readKey} {
			if strings.Contains(text, key) || strings.Contains(text, key[len(key)-20:]) {
				t.Errorf("%s has a key", name)
			}
		}
	}
}
