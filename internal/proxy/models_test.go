package proxy_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tollgate/api"
	"tollgate/internal/gatewaytest"
)

// modelList is what a client reads of a page of models.
type modelList struct {
	Data []struct {
		Type, ID    string
		DisplayName string `json:"display_name"`
		Description string
		CreatedAt   string `json:"created_at"`
	}
	HasMore bool    `json:"has_more"`
	FirstID *string `json:"first_id"`
	LastID  *string `json:"last_id"`
}

func (l modelList) ids() (ids []string) {
	for _, model := range l.Data {
		ids = append(ids, model.ID)
	}
	return ids
}

// askModels is a request for models, with one header more.
func askModels(t *testing.T, gateway *gatewaytest.Gateway, method, path, header, value string) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, gateway.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(header, value)
	response, err := http.DefaultTransport.RoundTrip(request) // follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, body
}

func listModels(t *testing.T, gateway *gatewaytest.Gateway, key, query string) modelList {
	t.Helper()
	response, body := askModels(t, gateway, http.MethodGet, "/v1/models"+query, "X-Api-Key", key)
	var list modelList
	if err := json.Unmarshal(body, &list); response.StatusCode != http.StatusOK || err != nil {
		t.Fatalf("%d %s %v", response.StatusCode, body, err)
	}
	return list
}

// fiveModels routes five models, one of them the organisation's own.
const fiveModels = `upstreams: [{name: provider, provider: anthropic, base_url: "http://127.0.0.1:9", api_key: k}]
routes: [{models: ["claude-opus-5-5", "claude-opus-5", "claude-sonnet-5-5", "claude-haiku-5-5", our-model], upstreams: [provider]}]
models: [{id: our-model, display_name: Ours, description: Made here}]
` + ourPrice

const ourPrice = "prices: {overrides: [{upstream: provider, model: our-model, input: 1, output: 5, cache_write_5m: 1.25, cache_write_1h: 2, cache_read: 0.1, from: 2026-01-01}]}\n"

// TestModels_WithoutAPrice: nobody is offered a model that would be refused.
func TestModels_WithoutAPrice(t *testing.T) {
	t.Parallel()
	unpriced := strings.TrimSuffix(fiveModels, ourPrice)
	for _, test := range []struct {
		config string
		want   int
	}{{unpriced, 4}, {unpriced + "prices: {unknown: highest}\n", 5}} {
		gateway := gatewaytest.Start(t, gatewaytest.Options{Config: test.config})
		if got := listModels(t, gateway, gateway.Key, "").ids(); len(got) != test.want || slices.Contains(got, "our-model") != (test.want == 5) {
			t.Errorf("%v are offered, not %d", got, test.want)
		}
	}
}

func TestModels_BothCredentials(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fiveModels})
	for header, value := range map[string]string{"X-Api-Key": gateway.Key, "Authorization": "Bearer " + gateway.Key} {
		response, body := askModels(t, gateway, http.MethodGet, "/v1/models?limit=1000", header, value)
		var list modelList
		if err := json.Unmarshal(body, &list); err != nil || response.StatusCode != http.StatusOK || len(list.Data) != 5 || list.HasMore {
			t.Fatalf("%s: %d %s %v", header, response.StatusCode, body, err)
		}
		if response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: headers %v", header, response.Header)
		}
		for _, model := range list.Data {
			if model.Type != "model" || model.DisplayName == "" || model.CreatedAt == "" {
				t.Errorf("%+v", model)
			}
		}
		last := list.Data[4]
		if last.ID != "our-model" || last.DisplayName != "Ours" || last.Description != "Made here" || *list.LastID != last.ID || *list.FirstID != list.Data[0].ID {
			t.Errorf("%s: %s", header, body)
		}
	}
	for header, value := range map[string]string{"X-Api-Key": "sk-ant-x", "Authorization": "Bearer " + gateway.Key + "x", "X-Nothing": "x"} {
		for _, path := range []string{"/v1/models", "/v1/models/claude-opus-5-5"} {
			if response, body := askModels(t, gateway, http.MethodGet, path, header, value); response.StatusCode != http.StatusUnauthorized || !isEnvelope(body, "authentication_error") {
				t.Errorf("%s %s: %d %s", header, path, response.StatusCode, body)
			}
		}
	}
	gateway.WaitRows(t, 0) // a list of models is no request to a model
}

func TestModels_Pages(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fiveModels})
	all := listModels(t, gateway, gateway.Key, "").ids()
	if len(all) != 5 {
		t.Fatalf("%v", all)
	}
	for query, want := range map[string]struct {
		from, to int
		more     bool
	}{
		"?limit=5":                                {0, 5, false},
		"?limit=2":                                {0, 2, true},
		"?limit=2&after_id=" + all[1]:             {2, 4, true},
		"?limit=2&after_id=" + all[2]:             {3, 5, false},
		"?after_id=" + all[4]:                     {5, 5, false},
		"?limit=2&before_id=" + all[3]:            {1, 3, true},
		"?limit=2&before_id=" + all[2]:            {0, 2, false},
		"?before_id=" + all[0]:                    {0, 0, false},
		"?after_id=nobody":                        {0, 5, false},
		"?client_version=9&other=%20x&limit=1000": {0, 5, false},
	} {
		page := listModels(t, gateway, gateway.Key, query)
		if !slices.Equal(page.ids(), all[want.from:want.to]) || page.HasMore != want.more {
			t.Errorf("%s: %v, more %v; want %v, %v", query, page.ids(), page.HasMore, all[want.from:want.to], want.more)
		}
		if empty := want.from == want.to; (page.FirstID == nil) != empty || (page.LastID == nil) != empty || page.Data == nil {
			t.Errorf("%s: first %v, last %v, data %v", query, page.FirstID, page.LastID, page.Data)
		}
	}
	for _, wrong := range []string{"0", "-1", "1001", "x", "1e3", "99999999999999999999"} {
		if response, body := askModels(t, gateway, http.MethodGet, "/v1/models?limit="+wrong, "X-Api-Key", gateway.Key); response.StatusCode != 400 || !isEnvelope(body, "invalid_request_error") {
			t.Errorf("limit=%s: %d %s", wrong, response.StatusCode, body)
		}
	}
}

// TestModels_OnlyWhatTheKeyMayUse holds that list, look-up and use of a model
// agree for a key with globs.
func TestModels_OnlyWhatTheKeyMayUse(t *testing.T) {
	t.Parallel()
	provider := newRawProvider(t, stay("200 OK\r\nConnection: close\r\nContent-Type: application/json", wholeAnswer))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: strings.Replace(fiveModels, "http://127.0.0.1:9", provider.URL, 1)})
	key, err := gateway.Admin.CreateKey(t.Context(), api.NewKey{Developer: "ann@example.com", Models: []string{"claude-opus-*", "our-model"}})
	if err != nil {
		t.Fatal(err)
	}
	listed := listModels(t, gateway, key.Key, "").ids()
	if len(listed) != 3 {
		t.Errorf("listed: %v", listed)
	}
	for _, model := range listModels(t, gateway, gateway.Key, "").ids() {
		allowed := slices.Contains(listed, model)
		response, body := askModels(t, gateway, http.MethodGet, "/v1/models/"+model, "X-Api-Key", key.Key)
		if shown := response.StatusCode == http.StatusOK && strings.Contains(string(body), model); shown != allowed {
			t.Errorf("%s: allowed %v, shown %d %s", model, allowed, response.StatusCode, body)
		}
		if model == "our-model" {
			continue // it has no price, so that it is listed and refused
		}
		request := gateway.Request(t, "/v1/messages", fmt.Sprintf(`{"model":%q}`, model))
		request.Header.Set("X-Api-Key", key.Key)
		if status, text := gatewaytest.Do(t, request); status != map[bool]int{true: 200, false: 403}[allowed] {
			t.Errorf("%s: allowed %v, served %d %s", model, allowed, status, text)
		}
	}
}

func TestModels_OneModel(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fiveModels})
	for path, want := range map[string]int{
		"/v1/models/claude-opus-5-5":     200,
		"/v1/models/claude-opus-5-5?x=y": 200,
		"/v1/models/claude%2Dopus-5-5":   200,
		"/v1/models/our-model":           200,
		"/v1/models/claude-fable-5":      404, // it exists, and is not routed
		"/v1/models/":                    404,
		"/v1/models/claude-opus-5-5/":    404,
		"/v1/models/x%2F..%2Four-model":  404,
		"/v1/models/x/../our-model":      404,
		"/v1/models/%00":                 404,
		"/v1//models":                    404,
		"/v1/models%2F":                  404,
	} {
		response, body := askModels(t, gateway, http.MethodGet, path, "X-Api-Key", gateway.Key)
		if response.StatusCode != want || want == 404 && !isEnvelope(body, "not_found_error") {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
}

// TestHead holds that HEAD is GET without its body, wherever there is a GET,
// that no probe needs a key, and that nothing redirects.
func TestHead(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fiveModels})
	for path, key := range map[string]string{
		"/v1/models": gateway.Key, "/v1/models/our-model": gateway.Key,
		"/api/hello": "", "/healthz": "", "/readyz": "", "/api/hello?a=b": "",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			response, body := askModels(t, gateway, method, path, "X-Api-Key", key)
			if response.StatusCode != http.StatusOK || method == http.MethodHead && len(body) > 0 {
				t.Errorf("%s %s: %d %s", method, path, response.StatusCode, body)
			}
			if key != "" && response.Header.Get("Content-Length") == "" {
				t.Errorf("%s %s: headers %v", method, path, response.Header)
			}
		}
	}
	for _, path := range []string{"/", "/v1", "/v1/", "/api", "/healthz/", "/readyz/x", "/favicon.ico"} {
		if response, body := askModels(t, gateway, http.MethodGet, path, "X-Api-Key", gateway.Key); response.StatusCode != 404 || !isEnvelope(body, "not_found_error") {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
}
