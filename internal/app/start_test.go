package app_test

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tollgate/internal/app"
	"tollgate/internal/config"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/store"
)

// settings parses a configuration that a test wrote.
func settings(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse("the test's configuration", []byte(text), config.Lookup{Env: os.LookupEnv, File: os.ReadFile})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const nowhere = `upstreams: [{name: provider, provider: anthropic, base_url: "http://127.0.0.1:9", api_key: k}]
`

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// TestBadInput_Start holds that a gateway which cannot start says why and what
// to do, names what is in the way, and leaves nothing behind that is in the
// way of the next try.
func TestBadInput_Start(t *testing.T) {
	t.Parallel()
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, c := range map[string]struct {
		spoil  func(data string) // what is wrong with the data folder
		config string            // what is wrong with the configuration; $TAKEN, $DATA
		dir    string            // below the temporary folder; default: data
		says   []string          // in the error
		remedy func(data string) // what makes the folder good; nil: it never was bad
	}{
		"a taken port": {
			config: "listen: {address: $TAKEN}", says: []string{"listen.address", "$TAKEN", "choose another"},
		},
		"a taken admin port": {
			config: "admin: {address: $TAKEN, keys: [{name: a, key: 0123456789abcdef, role: read}]}", says: []string{"admin.address", "$TAKEN", "choose another"},
		},
		"a file in place of the data folder": {
			spoil: func(data string) { write(data, "x") }, remedy: func(data string) { _ = os.Remove(data) },
			says: []string{"data folder", "$DATA", "data_dir"},
		},
		"a data folder below a file": {
			spoil: func(data string) { write(filepath.Dir(data), "x") }, dir: "file/data", remedy: func(data string) { _ = os.Remove(filepath.Dir(data)) },
			says: []string{"data folder", "$DATA", "data_dir"},
		},
		"a folder in place of the lock": {
			spoil: func(data string) { _ = os.MkdirAll(filepath.Join(data, "lock"), 0o700) }, remedy: func(data string) { _ = os.Remove(filepath.Join(data, "lock")) },
			says: []string{"data folder", "$DATA", "cannot be written"},
		},
		"no database": {
			spoil: func(data string) {
				_ = os.MkdirAll(data, 0o700)
				write(filepath.Join(data, "tollgate.db"), strings.Repeat("no database ", 500))
			},
			remedy: func(data string) { _ = os.Remove(filepath.Join(data, "tollgate.db")) },
			says:   []string{"$DATA/tollgate.db", "not a"},
		},
		"a damaged pepper": {
			spoil:  func(data string) { _ = os.MkdirAll(data, 0o700); write(filepath.Join(data, "pepper"), "abcd") },
			remedy: func(data string) { _ = os.Remove(filepath.Join(data, "pepper")) },
			says:   []string{"$DATA/pepper", "backup"},
		},
		"too long a path for a socket": {dir: strings.Repeat("x", 110), says: []string{"admin.sock", "shorter data_dir"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder, err := os.MkdirTemp("", "tg") // short enough for a socket
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(folder)
			data := filepath.Join(folder, "data")
			if c.dir != "" {
				data = filepath.Join(folder, c.dir)
			}
			fill := strings.NewReplacer("$TAKEN", taken.Addr().String(), "$DATA", data)
			if c.spoil != nil {
				c.spoil(data)
			}
			good := fmt.Sprintf("data_dir: %q\n", data) + nowhere
			bad := good + fill.Replace(c.config)
			if !strings.Contains(bad, "listen:") {
				bad += "\nlisten: {address: \"127.0.0.1:0\"}"
			}
			gateway, err := app.Start(t.Context(), settings(t, bad), app.Options{Log: discard()})
			if err == nil {
				_ = gateway.Stop(t.Context())
				t.Fatal("it starts")
			}
			for _, word := range c.says {
				if !strings.Contains(err.Error(), fill.Replace(word)) {
					t.Errorf("the error does not say %q: %v", fill.Replace(word), err)
				}
			}
			if c.dir != "" && c.remedy == nil {
				return // no start in this folder
			}
			if c.remedy != nil {
				c.remedy(data)
			}
			gateway, err = app.Start(t.Context(), settings(t, good+"\nlisten: {address: \"127.0.0.1:0\"}"), app.Options{Log: discard()})
			if err != nil {
				t.Fatalf("once that is put right: %v", err)
			}
			if err := gateway.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBadInput_ASecondGateway(t *testing.T) {
	t.Parallel()
	first := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	second, err := app.Start(t.Context(), settings(t, fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\n", first.Dir)+nowhere), app.Options{Log: discard()})
	if err == nil {
		_ = second.Stop(t.Context())
		t.Fatal("two gateways run on one folder")
	}
	if !strings.Contains(err.Error(), "another tollgate") || !strings.Contains(err.Error(), first.Dir) {
		t.Error(err)
	}
	if _, err := first.Admin.Teams(t.Context()); err != nil {
		t.Errorf("the first one is disturbed: %v", err)
	}
}

// TestBadInput_ThePepperIsNotTheOne: a fresh one, or one from another backup,
// would turn every key into waste without a word.
func TestBadInput_ThePepperIsNotTheOne(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	gateway.Stop(t)
	pepper := filepath.Join(gateway.Dir, "pepper")
	good, err := os.ReadFile(pepper)
	if err != nil {
		t.Fatal(err)
	}
	again := settings(t, fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\n", gateway.Dir)+nowhere)
	for name, spoil := range map[string]func() error{
		"gone":    func() error { return os.Remove(pepper) },
		"another": func() error { return os.WriteFile(pepper, []byte(strings.Repeat("ab", 32)+"\n"), 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(pepper)
		if started, err := app.Start(t.Context(), again, app.Options{Log: discard()}); err == nil {
			_ = started.Stop(t.Context())
			t.Errorf("%s: it starts without the pepper of its keys", name)
		} else if !strings.Contains(err.Error(), pepper) || !strings.Contains(err.Error(), "backup") {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadFile(pepper); string(after) != string(before) {
			t.Errorf("%s: another pepper was made", name)
		}
	}
	if err := os.WriteFile(pepper, good, 0o600); err != nil {
		t.Fatal(err)
	}
	started, err := app.Start(t.Context(), again, app.Options{Log: discard()})
	if err != nil {
		t.Fatal(err)
	}
	if err := started.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestBadInput_TheDatabaseIsLocked: the message is about the database, whatever
// was being looked up in it.
func TestBadInput_TheDatabaseIsLocked(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	gateway.Stop(t)
	lock(t, gateway.Dir)
	again := settings(t, fmt.Sprintf("data_dir: %q\nlisten: {address: \"127.0.0.1:0\"}\n", gateway.Dir)+nowhere)
	started, err := app.Start(t.Context(), again, app.Options{Log: discard()})
	if err == nil {
		_ = started.Stop(t.Context())
		t.Fatal("it starts with a database that it cannot write")
	}
	for _, part := range []string{filepath.Join(gateway.Dir, store.File), "is locked by another process"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v; want %q in it", err, part)
		}
	}
}

// TestFolderIsPrivate: what is in the data folder is for this user alone.
func TestFolderIsPrivate(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: nowhere})
	for _, name := range []string{"", "pepper", "admin.sock", "lock", "tollgate.db"} {
		info, err := os.Stat(filepath.Join(gateway.Dir, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%q: %v %v", name, info.Mode(), err)
		}
	}
}
