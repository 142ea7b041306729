package app_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tollgate/client"
	"tollgate/internal/admin"
	"tollgate/internal/app"
	"tollgate/internal/config"
)

// TestPromise7_ReloadByTheAPI: what the file says now is in force when the API
// answers, which names what has changed; a mistake is named with its line and
// changes nothing.
func TestPromise7_ReloadByTheAPI(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "tollgate.yaml")
	write := func(more string) {
		text := fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\n", dir) + nowhere + more
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (*config.Config, error) { return config.Load(path, os.LookupEnv) }
	write("")
	c, err := read()
	if err != nil {
		t.Fatal(err)
	}
	gateway, err := app.Start(t.Context(), c, app.Options{Log: discard(), Reread: read})
	if err != nil {
		t.Fatal(err)
	}
	defer gateway.Stop(t.Context())
	asking := client.Socket(filepath.Join(dir, admin.SocketFile))

	write("\nprices: {multiplier: 2.0}\n")
	if done, err := asking.Reload(t.Context()); err != nil || len(done.Changed) != 1 || done.Changed[0] != "prices" {
		t.Errorf("changed %q, %v", done.Changed, err)
	}
	write("\nprices: {multiplier: two}\n")
	_, err = asking.Reload(t.Context())
	if refused, ok := errors.AsType[*client.Error](err); !ok || refused.Status != http.StatusBadRequest || !strings.Contains(refused.Message, "line ") || !strings.Contains(refused.Message, "prices.multiplier") {
		t.Errorf("a mistake is answered with %v", err)
	}
	write("\nprices: {multiplier: 2.0}\n")
	if done, err := asking.Reload(t.Context()); err != nil || len(done.Changed) != 0 {
		t.Errorf("after a refusal %q have changed, %v", done.Changed, err)
	}
}
