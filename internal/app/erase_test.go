package app_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

// TestPromise5_WhoIsErasedIsInNoFile of a gateway that runs: not in its database,
// not in its journal, nowhere in its data folder.
func TestPromise5_WhoIsErasedIsInNoFile(t *testing.T) {
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:9"})
	if _, err := g.Admin.CreateDeveloper(t.Context(), api.NewDeveloper{Email: "canary@example.com", Name: "Canary Bird"}); err != nil {
		t.Fatal(err)
	}
	key, err := g.Admin.CreateKey(t.Context(), api.NewKey{Developer: "canary@example.com", Label: "canary"})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() int {
		t.Helper()
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+"/v1/messages", strings.NewReader(`{"model":"claude-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`))
		request.Header.Set("X-Api-Key", key.Key)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	ask()
	if len(mentions(t, g.Dir, "canary")) == 0 {
		t.Fatal("it was never there")
	}
	erased, err := g.Admin.EraseDeveloper(t.Context(), "canary@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if status := ask(); status != http.StatusUnauthorized {
		t.Errorf("the key still opens: %d", status)
	}
	until := time.Now().Add(10 * time.Second)
	for found := mentions(t, g.Dir, "canary"); len(found) > 0; found = mentions(t, g.Dir, "canary") {
		if time.Now().After(until) {
			t.Fatalf("it stands in %v", found)
		}
		time.Sleep(20 * time.Millisecond)
	}
	g.Stop(t)
	if found := mentions(t, g.Dir, "canary"); found != nil {
		t.Errorf("after the end it stands in %v", found)
	}
	if recorded := lines(t, g.Dir); !strings.Contains(recorded, `"action":"developer.erase"`) || !strings.Contains(recorded, erased.Person) {
		t.Error("the erasure is not recorded")
	}
}

// mentions are the files below a folder in which a text stands, in small letters or
// with a capital.
func mentions(t *testing.T, folder, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // it is just being removed, or a socket
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if bytes.Contains(content, []byte(text)) || bytes.Contains(content, []byte(strings.ToTitle(text[:1])+text[1:])) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
