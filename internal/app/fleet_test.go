package app_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tollgate/client"
	"tollgate/internal/admin"
	"tollgate/internal/gatewaytest"
)

// TestUpstreamsAreShown with what is known of them, and without the credential.
func TestUpstreamsAreShown(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: p.URL})
	found, err := client.Socket(filepath.Join(gateway.Dir, admin.SocketFile)).Upstreams(t.Context())
	if err != nil || len(found.Data) != 1 {
		t.Fatalf("%d upstreams, %v", len(found.Data), err)
	}
	one := found.Data[0]
	if one.Name != "provider" || one.Provider != "anthropic" || one.Address != p.URL || one.Credential != "api_key" || len(one.Models) == 0 {
		t.Errorf("the upstream is shown as %+v", one)
	}
}

// TestPromise5_ACheckSaysWhatToDo: each way in which an upstream can fail has a
// remedy of its own, and the check is written down as an administrator's.
func TestPromise5_ACheckSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const portal = 299 // a page of somebody else's, as a 200
	for status, want := range map[int]struct {
		found  []bool // reachable, accepted, served
		remedy string
	}{
		http.StatusOK:              {[]bool{true, true, true}, ""},
		portal:                     {[]bool{true, false, false}, "no message"},
		http.StatusUnauthorized:    {[]bool{true, false, false}, "its credential is not accepted"},
		http.StatusForbidden:       {[]bool{true, false, false}, "may not use this model"},
		http.StatusNotFound:        {[]bool{true, true, false}, "does not serve the model"},
		http.StatusTooManyRequests: {[]bool{true, true, true}, "quota"},
		http.StatusBadGateway:      {[]bool{true, false, false}, "out of order"},
	} {
		provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch w.WriteHeader(status); status {
			case http.StatusOK:
				_, _ = w.Write([]byte(`{"id":"msg_1","type":"message","content":[]}`))
			case portal:
				_, _ = w.Write([]byte("<html><title>Welcome to the hotel</title></html>"))
			default:
				_, _ = w.Write([]byte(`{"type":"error","error":{"type":"x","message":"so it said"}}`))
			}
		}))
		t.Cleanup(provider.Close)
		gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
		check, err := client.Socket(filepath.Join(gateway.Dir, admin.SocketFile)).CheckUpstream(t.Context(), "provider")
		if err != nil {
			t.Fatal(err)
		}
		remedy := ""
		if check.Remedy != nil {
			remedy = *check.Remedy
		}
		if !slices.Equal([]bool{check.Reachable, check.Accepted, check.Served}, want.found) || !strings.Contains(remedy, want.remedy) || (remedy == "") != (want.remedy == "") {
			t.Errorf("status %d: %+v, remedy %q", status, check, remedy)
		}
		if status >= http.StatusBadRequest && (check.Said == nil || !strings.Contains(*check.Said, "so it said")) {
			t.Errorf("status %d: the provider's words are not shown", status)
		}
		if !strings.Contains(gateway.Log(), "upstream.check") {
			t.Errorf("status %d: the check is not in the log", status)
		}
	}
}

// TestACheckOfNothing: an upstream that does not answer, and one that is not
// there.
func TestACheckOfNothing(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: gone.URL})
	asking := client.Socket(filepath.Join(gateway.Dir, admin.SocketFile))
	if check, err := asking.CheckUpstream(t.Context(), "provider"); err != nil || check.OK || check.Reachable || check.Status != nil || check.Remedy == nil {
		t.Errorf("%+v, %v", check, err)
	}
	if _, err := asking.CheckUpstream(t.Context(), "nobody"); err == nil || !strings.Contains(err.Error(), "no upstream") {
		t.Errorf("an upstream that is not there: %v", err)
	}
}

// TestARestIsShown: an upstream that will not let the gateway in rests, and the
// list says so.
func TestARestIsShown(t *testing.T) {
	t.Parallel()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(provider.Close)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	if status, answer := gateway.Ask(t, `{"model":"claude-opus-5-5","max_tokens":1,"messages":[]}`); status != http.StatusUnauthorized {
		t.Fatalf("%d %s", status, answer)
	}
	found, err := client.Socket(filepath.Join(gateway.Dir, admin.SocketFile)).Upstreams(t.Context())
	if err != nil || len(found.Data) != 1 || len(found.Data[0].Rests) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	if rest := found.Data[0].Rests[0]; rest.Why != "status_401" || rest.Until.IsZero() {
		t.Errorf("%+v", rest)
	}
}
