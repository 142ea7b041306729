package app_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/audit/body"
	"tollgate/internal/gatewaytest"
	"tollgate/internal/store"
)

// auditor is somebody who may open what is sealed.
type auditor struct{ *age.X25519Identity }

func newAuditor(t *testing.T) auditor {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return auditor{identity}
}

// config has bodies sealed to the auditor.
func (a auditor) config() string {
	return fmt.Sprintf("audit: {bodies: sealed, recipients: [%s]}\n", a.Recipient())
}

// fetch asks the gateway for a body, until it is on the disk.
func fetch(t *testing.T, g *gatewaytest.Gateway, id, part string) api.SealedBody {
	t.Helper()
	for {
		sealed, err := g.Admin.SealedBody(t.Context(), id, part)
		if err == nil {
			return sealed
		}
		if !strings.Contains(err.Error(), "missing") {
			t.Fatal(err)
		}
	}
}

func (a auditor) open(t *testing.T, sealed api.SealedBody) string {
	t.Helper()
	opened, err := body.Open(sealed.Sealed, keysOf(sealed), []age.Identity{a})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opened.Compare(sealed.Digest); err != nil {
		t.Error(err)
	}
	return string(opened.Text)
}

func keysOf(sealed api.SealedBody) (keys []tollgate.PersonKey) {
	for _, key := range sealed.Keys {
		keys = append(keys, tollgate.PersonKey{Public: key.Public, Wrapped: key.Wrapped})
	}
	return keys
}

// echo answers with what it was asked, as a stream where that is wanted.
func echo(t *testing.T, seen *[]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		*seen = append(*seen, string(asked))
		if bytes.Contains(asked, []byte(`"stream":true`)) {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, "%sevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":%q}}\n\n%s", eventStart, asked, eventEnd)
			return
		}
		fmt.Fprintf(w, `{"type":"message","model":"claude-opus-5-5","content":[{"type":"text","text":%q}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":2}}`, asked)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const canary = "the-canary-that-nobody-may-read-4711"

// TestPromise5_NothingOpensWithoutTheIdentity looks through everything that the
// gateway leaves anywhere: what was said is not in it, nor is what would open it.
func TestPromise5_NothingOpensWithoutTheIdentity(t *testing.T) {
	t.Parallel()
	var seen []string
	reader := newAuditor(t)
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: echo(t, &seen), Config: reader.config()})
	asked := []string{
		`{"model":"claude-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":"` + canary + `"}]}`,
		`{"model":"claude-opus-5-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"` + canary + `"}]}`,
	}
	var told []string
	for _, each := range asked {
		status, answer := g.Ask(t, each)
		if status != http.StatusOK || !strings.Contains(answer, canary) {
			t.Fatalf("%d %s", status, answer)
		}
		told = append(told, answer)
	}
	var private []string
	for i, x := range g.WaitRows(t, len(asked)) {
		if x.RequestBody != tollgate.BodySealed || x.ResponseBody != tollgate.BodySealed {
			t.Errorf("row %d says %q and %q", i, x.RequestBody, x.ResponseBody)
		}
		request, response := fetch(t, g, x.ID, "request"), fetch(t, g, x.ID, "response")
		if got := reader.open(t, request); got != asked[i] {
			t.Errorf("the request was %s, and what was opened is %s", asked[i], got)
		}
		if got := reader.open(t, response); got != told[i] {
			t.Errorf("the answer was %s, and what was opened is %s", told[i], got)
		}
		for _, key := range request.Keys {
			unlocked, err := age.Decrypt(bytes.NewReader(key.Wrapped), reader)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(unlocked)
			private = append(private, string(text))
		}
		if _, err := body.Open(request.Sealed, keysOf(request), []age.Identity{newAuditor(t)}); err == nil {
			t.Error("a stranger opens it")
		}
	}
	search := func(when string) {
		t.Helper()
		left := g.Log()
		files := 0
		err := filepath.WalkDir(g.Dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			left += string(text)
			files++
			return err
		})
		if err != nil || files < 6 {
			t.Fatalf("%d files were searched: %v", files, err)
		}
		for _, secret := range append(private, canary, "AGE-SECRET-KEY") {
			if strings.Contains(left, secret) {
				t.Errorf("%s, %.20s… can be found in the data folder or the log", when, secret)
			}
		}
	}
	search("while it runs")
	g.Stop(t)
	search("when it has stopped")
	if len(private) != 2 || private[0] != private[1] {
		t.Errorf("one developer has %d keys for two bodies", len(private))
	}
}

// TestPromise5_WhoeverReadsABodyIsRecorded: before he has it.
func TestPromise5_WhoeverReadsABodyIsRecorded(t *testing.T) {
	t.Parallel()
	var seen []string
	reader := newAuditor(t)
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: echo(t, &seen), Config: reader.config()})
	g.Ask(t, askWhole)
	x := g.WaitRows(t, 1)[0]
	fetch(t, g, x.ID, "response")
	if _, err := g.Admin.SealedBody(t.Context(), "req_nobody", "request"); err == nil {
		t.Error("a request that never was has a body")
	}
	g.Stop(t)
	kept, err := store.OpenReadOnly(t.Context(), filepath.Join(g.Dir, store.File))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	state, err := kept.Trail().State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, head := range state.Heads {
		for record, err := range kept.Trail().Lines(t.Context(), head.Chain, 1) {
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(record.Line), `"action":"`+string(body.ReadAction)+`"`) {
				read = append(read, string(record.Line))
			}
		}
	}
	if len(read) != 1 || !strings.Contains(read[0], `"actor":"admin:socket","object":"`+x.ID+`"`) || !strings.Contains(read[0], `"body":"response"`) {
		t.Errorf("the audit log says %q", read)
	}
}

// TestPromise1_RedactionChangesNothingThatIsForwarded: what is taken out of what
// is stored goes to the provider and comes back from it.
func TestPromise1_RedactionChangesNothingThatIsForwarded(t *testing.T) {
	t.Parallel()
	var seen []string
	reader := newAuditor(t)
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: echo(t, &seen), Config: reader.config()})
	secret := "ghp_" + strings.Repeat("0123456789", 4)
	asked := `{"model":"claude-opus-5-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"` + secret + `"}]}`
	_, told := g.Ask(t, asked)
	if seen[0] != asked || !strings.Contains(told, secret) {
		t.Errorf("the provider saw %s, and the client %s", seen[0], told)
	}
	x := g.WaitRows(t, 1)[0]
	for _, part := range []string{"request", "response"} {
		text := reader.open(t, fetch(t, g, x.ID, part))
		if strings.Contains(text, secret) || !strings.Contains(text, "«redacted:github-token»") {
			t.Errorf("of the %s was stored: %s", part, text)
		}
	}
}

// TestReloadTurnsBodiesOnAndOff and gives them other recipients.
func TestReloadTurnsBodiesOnAndOff(t *testing.T) {
	t.Parallel()
	var seen []string
	first, second := newAuditor(t), newAuditor(t)
	options := gatewaytest.Options{Upstream: echo(t, &seen)}
	g := gatewaytest.Start(t, options)
	for i, config := range []string{"", first.config(), second.config(), "audit: {bodies: hash}\n"} {
		options.Config = config
		if err := g.Reload(t, options); err != nil {
			t.Fatal(err)
		}
		g.Ask(t, askWhole)
		x := g.WaitRows(t, i+1)[i]
		if want := (i == 1 || i == 2); (x.RequestBody == tollgate.BodySealed) != want {
			t.Errorf("with %q the row says %q", config, x.RequestBody)
		}
		switch i {
		case 1:
			first.open(t, fetch(t, g, x.ID, "request"))
		case 2:
			second.open(t, fetch(t, g, x.ID, "request"))
		}
	}
}

// TestPromise5_BodiesAreStoredBeforeTheGatewayEnds, those that were still in
// memory too.
func TestPromise5_BodiesAreStoredBeforeTheGatewayEnds(t *testing.T) {
	t.Parallel()
	var seen []string
	reader := newAuditor(t)
	options := gatewaytest.Options{Upstream: echo(t, &seen), Config: reader.config()}
	g := gatewaytest.Start(t, options)
	const asked = 20
	for range asked {
		g.Ask(t, askStream)
	}
	g.Restart(t, options)
	for _, x := range g.WaitRows(t, asked) {
		for _, part := range []string{"request", "response"} {
			sealed, err := g.Admin.SealedBody(t.Context(), x.ID, part)
			if err != nil {
				t.Fatal(err)
			}
			reader.open(t, sealed)
		}
	}
}

// TestPromise5_AnAnswerInFramesIsRedactedToo: a client of Bedrock is told in
// binary frames, in which nobody sees a credential.
func TestPromise5_AnAnswerInFramesIsRedactedToo(t *testing.T) {
	t.Parallel()
	var seen []string
	reader := newAuditor(t)
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: echo(t, &seen), Config: reader.config()})
	secret := "ghp_" + strings.Repeat("0123456789", 4)
	asked := `{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"` + secret + `"}]}`
	status, told := gatewaytest.Do(t, g.Request(t, "/bedrock/model/anthropic.claude-opus-5-5/invoke-with-response-stream", asked))
	if status != http.StatusOK || strings.Contains(told, "event: ") {
		t.Fatalf("%d %q", status, told)
	}
	x := g.WaitRows(t, 1)[0]
	if got := reader.open(t, fetch(t, g, x.ID, "request")); got != strings.Replace(asked, secret, "«redacted:github-token»", 1) {
		t.Errorf("of the request was stored: %s", got)
	}
	text := reader.open(t, fetch(t, g, x.ID, "response"))
	if strings.Contains(text, secret) || !strings.Contains(text, "«redacted:github-token»") || !strings.Contains(text, "event: message_stop") {
		t.Errorf("of the answer was stored: %s", text)
	}
}
