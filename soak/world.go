package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/admin"
)

// Settings of the gateway that is soaked: a connection at rest and a hand-over
// come to their end soon.
const (
	idle  = 5 * time.Second
	drain = 30 * time.Second
)

// world is the gateway, the provider behind it and the clients before it.
type world struct {
	options  options
	folder   string
	address  string // of the data plane, whichever process it is
	provider *provider
	admin    *client.Client
	metrics  *http.Client // over the admin socket

	changing sync.Mutex // held while a process starts or reads its configuration again

	mu        sync.Mutex
	processes []*process // every one there was, the newest last
	keys      []*key     // that clients use
	samples   []sample
	tally     tally
	treasury  treasury

	transport *http.Transport
	phase     atomic.Value // string
	asked     atomic.Int64 // requests so far, and the last prompt's number
}

// key is what a client opens the gateway with.
type key struct {
	id, whole string
	gone      *atomic.Bool // it is being revoked; shared by all secrets of the key
}

func newWorld(ctx context.Context, o options) (_ *world, err error) {
	w := &world{options: o, tally: newTally()}
	w.phase.Store("start")
	if w.folder, err = os.MkdirTemp("", "soak"); err != nil { // short enough for a socket
		return nil, err
	}
	if w.provider, err = newProvider(); err != nil {
		return nil, err
	}
	if w.address, err = freeAddress(); err != nil {
		return nil, err
	}
	w.transport = &http.Transport{IdleConnTimeout: idle / 3, MaxIdleConnsPerHost: o.clients}
	socket := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(w.data(), admin.SocketFile))
	}}
	w.admin, w.metrics = client.Through(socket), &http.Client{Transport: socket}
	if err := w.configure(good, 0); err != nil {
		return nil, err
	}
	if err := w.start(ctx); err != nil {
		return nil, errors.Join(err, w.said())
	}
	if err := w.makeKeys(ctx); err != nil {
		return nil, err
	}
	return w, w.makeRules(ctx)
}

func (w *world) data() string    { return filepath.Join(w.folder, "data") }
func (w *world) file() string    { return filepath.Join(w.folder, "tollgate.yaml") }
func (w *world) logFile() string { return filepath.Join(w.folder, "log") }

// freeAddress is one on which nothing listens at this moment.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// The configurations that are reloaded.
const (
	good = "limits: {idle: %v, drain: %v, read_request: %ds}\nlog: {level: warn, format: json}\n"
	bad  = "limits: {idle: %v, drain: %v, read_request: %ds, nonsense: true}\n"
)

// configure writes a configuration; each number makes another one.
func (w *world) configure(form string, number int) error {
	text := fmt.Sprintf("listen: {address: %q}\ndata_dir: %q\nupstreams: [{name: anthropic, provider: anthropic, base_url: %q, api_key: sk-ant-soak}]\n", w.address, w.data(), w.provider.url)
	text += fmt.Sprintf(form, idle, drain, 30+number%20)
	return os.WriteFile(w.file(), []byte(text), 0o600)
}

const (
	developers = 6
	team       = "soak"
)

func (w *world) makeKeys(ctx context.Context) error {
	if _, err := w.admin.CreateTeam(ctx, api.NewTeam{Name: team}); err != nil {
		return err
	}
	for n := range developers {
		email := fmt.Sprintf("dev%d@example.com", n)
		if _, err := w.admin.CreateDeveloper(ctx, api.NewDeveloper{Email: email, Team: team}); err != nil {
			return err
		}
		if err := w.newKey(ctx, api.NewKey{Developer: email}); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) newKey(ctx context.Context, wanted api.NewKey) error {
	made, err := w.admin.CreateKey(ctx, wanted)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys = append(w.keys, &key{made.ID, made.Key, new(atomic.Bool)})
	return nil
}

// said is the end of the log, as an error.
func (w *world) said() error {
	text, err := os.ReadFile(w.logFile())
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return errors.New("the gateway's log ends with:\n" + strings.Join(lines[max(0, len(lines)-20):], "\n"))
}
