package gatewaytest

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Request is a POST to the data plane with Key as x-api-key.
func (g *Gateway) Request(t testing.TB, path, body string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", g.Key)
	return request
}

// Ask sends a message and returns the whole answer.
func (g *Gateway) Ask(t testing.TB, body string) (status int, answer string) {
	t.Helper()
	return Do(t, g.Request(t, "/v1/messages", body))
}

// Do sends a request and returns the whole answer.
func Do(t testing.TB, request *http.Request) (status int, answer string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
