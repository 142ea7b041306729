package proxy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"tollgate/internal/gatewaytest"
)

// issuer is a provider that exchanges identities for tokens named t1, t2, …
type issuer struct {
	life int // of a token, in seconds

	mu     sync.Mutex
	asked  []map[string]string // the exchanges
	served []string            // the tokens that came with requests
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r.URL.Path != "/v1/oauth/token" {
		i.served = append(i.served, r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, wholeAnswer)
		return
	}
	var asked map[string]string
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	i.asked = append(i.asked, asked)
	fmt.Fprintf(w, `{"access_token":"t%d","expires_in":%d}`, len(i.asked), i.life)
}

// TestFederation goes the whole way from the configuration to the provider:
// everything that names the parties arrives, the identity is read anew for each
// exchange, and a token is taken for dead half a minute before it is.
func TestFederation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		life   int
		parts  string
		extra  map[string]string
		served []string
	}{
		"a token that holds": {3600, "", nil, []string{"Bearer t1", "Bearer t1"}},
		"a token whose clock may be wrong": {
			30, ", service_account: svac_01, workspace: wrkspc_01",
			map[string]string{"service_account_id": "svac_01", "workspace_id": "wrkspc_01"},
			[]string{"Bearer t1", "Bearer t2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := &issuer{life: test.life}
			provider := httptest.NewServer(i)
			defer provider.Close()
			identity := filepath.Join(t.TempDir(), "identity")
			gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fmt.Sprintf(
				"upstreams: [{name: provider, provider: anthropic, base_url: %q, federation: {rule: fdrl_01, organization: 00000000-0000-0000-0000-000000000001, token_file: %q%s}}]\n",
				provider.URL, writeIdentity(t, identity, "first"), test.parts)})
			for _, text := range []string{"first", "second"} {
				writeIdentity(t, identity, text)
				if status, answer := gateway.Ask(t, askWhole); status != http.StatusOK {
					t.Fatal(status, answer)
				}
			}
			i.mu.Lock()
			defer i.mu.Unlock()
			if !slices.Equal(i.served, test.served) {
				t.Errorf("the requests came with %q, want %q", i.served, test.served)
			}
			for n, asked := range i.asked {
				want := map[string]string{
					"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": []string{"first", "second"}[n],
					"federation_rule_id": "fdrl_01", "organization_id": "00000000-0000-0000-0000-000000000001",
				}
				maps.Copy(want, test.extra)
				if !maps.Equal(asked, want) {
					t.Errorf("exchange %d asked\n%v, want\n%v", n, asked, want)
				}
			}
		})
	}
}

func writeIdentity(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
