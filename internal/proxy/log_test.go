package proxy_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"tollgate/internal/gatewaytest"
)

// lines are what operators see of a log, debugging left out, that hold a text.
func lines(log, text string) []string {
	return slices.DeleteFunc(strings.Split(log, "\n"), func(line string) bool {
		return strings.Contains(line, "level=DEBUG") || !strings.Contains(line, text)
	})
}

// TestLog_ARefusedCredentialIsOurs: a developer can do nothing about a
// credential that the provider refuses, so operators must hear of it.
func TestLog_ARefusedCredentialIsOurs(t *testing.T) {
	t.Parallel()
	const refusal = `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`
	for status, errors := range map[string]int{"401 Unauthorized": 1, "403 Forbidden": 1, "429 Too Many Requests": 0} {
		provider := newRawProvider(t, stay(status+"\r\nConnection: close\r\nContent-Type: application/json", refusal))
		gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
		if got, answer := gateway.Ask(t, askWhole); answer != refusal {
			t.Errorf("%s: %d %s", status, got, answer)
		}
		x := gateway.WaitRows(t, 1)[0]
		gateway.Stop(t) // and the log is whole
		told := lines(gateway.Log(), "level=ERROR")
		if len(told) != errors {
			t.Errorf("%s: %d lines: %q", status, len(told), told)
		}
		for _, line := range told {
			for _, part := range []string{"tollgate's own credential", "request=" + x.ID, "upstream=provider", "status=" + status[:3]} {
				if !strings.Contains(line, part) {
					t.Errorf("%s: the line does not say %q: %s", status, part, line)
				}
			}
		}
	}
}

// TestLog_ARefusalIsOneLine: of a known key, the one that every request has; of
// a stranger, who has no row, the one that says where it came from.
func TestLog_ARefusalIsOneLine(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Config: fiveModels})
	known := gateway.Request(t, "/v1/messages", `{"model":7}`)
	known.Header.Set("X-Claude-Code-Session-Id", "known")
	if status, answer := gatewaytest.Do(t, known); status != http.StatusBadRequest {
		t.Error(status, answer)
	}
	stranger := gateway.Request(t, "/v1/messages", askWhole)
	stranger.Header.Set("X-Api-Key", "sk-ant-api03-x")
	if status, answer := gatewaytest.Do(t, stranger); status != http.StatusUnauthorized {
		t.Error(status, answer)
	}
	x := gateway.WaitRows(t, 1)[0]
	gateway.Stop(t)
	told := lines(gateway.Log(), "request="+x.ID)
	if len(told) != 1 || !strings.Contains(told[0], "level=WARN msg=request ") || !strings.Contains(told[0], "status=400") ||
		!strings.Contains(told[0], "key="+x.Key) || !strings.Contains(told[0], "error=invalid_request_error") {
		t.Errorf("of the known key:\n%s", strings.Join(told, "\n"))
	}
	told = lines(gateway.Log(), "status=401")
	if len(told) != 1 || !strings.Contains(told[0], "level=INFO msg=refused ") || !strings.Contains(told[0], " from=127.0.0.1 ") {
		t.Errorf("of the stranger:\n%s", strings.Join(told, "\n"))
	}
	if all := lines(gateway.Log(), "status="); len(all) != 2 {
		t.Errorf("all in all:\n%s", strings.Join(all, "\n"))
	}
}

// TestAnUnpricedModelShouts to operators, who alone can do something about it.
func TestAnUnpricedModelShouts(t *testing.T) {
	t.Parallel()
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: "http://127.0.0.1:1"})
	if status, _ := gateway.Ask(t, `{"model":"claude-zeta-99"}`); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
	gateway.WaitRows(t, 1)
	for line := range strings.Lines(gateway.Log()) {
		if strings.Contains(line, "level=ERROR") && strings.Contains(line, "claude-zeta-99") && strings.Contains(line, "no price") {
			return
		}
	}
	t.Errorf("nothing shouts:\n%s", gateway.Log())
}
