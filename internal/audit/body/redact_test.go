package body

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Nothing here is a credential: each is put together so that no scanner of
// repositories takes it for one.
var (
	letters = "abcdefghij0123456789ABCDEFGHIJabcdefghij0123456789ABCDEFGHIJabcdefghij"
	pem     = "-----BEGIN RSA " + "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMIIEow+/=\nabcd\n-----END RSA " + "PRIVATE KEY-----"
)

var credentials = []struct{ name, text, secret string }{
	{"anthropic-key", "key sk-" + "ant-api03-" + letters, "sk-" + "ant-api03-" + letters},
	{"gateway-key", "tgk_" + letters[:12] + "_" + letters[:43], "tgk_" + letters[:12] + "_" + letters[:43]},
	{"provider-key", "sk-" + "proj-" + letters, "sk-" + "proj-" + letters},
	{"aws-access-key", "AK" + "IAABCDEFGHIJKLMNOP", "AK" + "IAABCDEFGHIJKLMNOP"},
	{"aws-secret", `aws_secret_` + `access_key = "` + letters[:40] + `"`, letters[:40]},
	{"aws-secret", `"Secret` + `AccessKey": "` + letters[:40] + `"`, letters[:40]},
	{"aws-bedrock-key", "AB" + "SK" + letters, "AB" + "SK" + letters},
	{"google-key", "AI" + "za" + letters[:35], "AI" + "za" + letters[:35]},
	{"google-token", "ya" + "29." + letters, "ya" + "29." + letters},
	{"azure-key", "Account" + "Key=" + letters + "==;End", letters + "=="},
	{"azure-secret", "abc" + "8Q~" + letters[:34], "abc" + "8Q~" + letters[:34]},
	{"azure-signature", "https://a.example.com/b?se=1&s" + "ig=" + letters + "%3D", letters + "%3D"},
	{"github-token", "ghp" + "_" + letters[:36], "ghp" + "_" + letters[:36]},
	{"github-token", "github" + "_pat_" + letters, "github" + "_pat_" + letters},
	{"gitlab-token", "glpat" + "-" + letters[:20], "glpat" + "-" + letters[:20]},
	{"slack-token", "xoxb" + "-1234567890-" + letters[:20], "xoxb" + "-1234567890-" + letters[:20]},
	{"slack-webhook", "https://hooks.slack" + ".com/services/T000/B000/" + letters[:24], "T000/B000/" + letters[:24]},
	{"age-identity", "AGE-SECRET-" + "KEY-1" + strings.Repeat("Q", 58), "AGE-SECRET-" + "KEY-1" + strings.Repeat("Q", 58)},
	{"private-key", pem, pem},
	{"jwt", "eyJ" + letters[:20] + ".eyJ" + letters[:20] + "." + letters[:20], "eyJ" + letters[:20] + ".eyJ" + letters[:20] + "." + letters[:20]},
	{"bearer", "curl -H 'Authorization: Bearer " + letters[:30] + "'", letters[:30]},
	{"basic", "authorization: basic " + letters[:30] + "==", letters[:30] + "=="},
	{"api-key", "X-Api-Key: " + letters[:30], letters[:30]},
	{"url-password", "postgres://ada:hun%40ter2@db.example.com/x", "hun%40ter2"},
}

func TestCredentialsAreRedacted(t *testing.T) {
	r := NewRedactor(DefaultConfig().Redact)
	for _, c := range credentials {
		plain := "before " + c.text + " after"
		want := strings.Replace(plain, c.secret, "«redacted:"+c.name+"»", 1)
		for depth, text := 0, plain; depth < 4; depth++ {
			out, counts := r.Redact(nil, []byte(text))
			if got := decoded(t, string(out), depth); got != want {
				t.Errorf("%s, in JSON %d times:\n got  %q\n want %q", c.name, depth, got, want)
			}
			if counts[c.name] != 1 || len(counts) != 1 {
				t.Errorf("%s, in JSON %d times: counted %v", c.name, depth, counts)
			}
			text = quoteOf(text)
		}
	}
}

// quoteOf is a text as a JSON string.
func quoteOf(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

func decoded(t *testing.T, text string, depth int) string {
	t.Helper()
	for range depth {
		var inner string
		if err := json.Unmarshal([]byte(text), &inner); err != nil {
			t.Fatalf("%q is no JSON any more: %v", text, err)
		}
		text = inner
	}
	return text
}

func TestEscapesHideNothing(t *testing.T) {
	key := "ghp" + "_" + letters[:36]
	var spelled strings.Builder
	for _, b := range []byte(key) {
		fmt.Fprintf(&spelled, `\u%04x`, b)
	}
	for _, text := range []string{
		`{"a":"` + spelled.String() + `"}`,
		`{"a":"\n` + key + `\n"}`,
		`{"a":"x\\\\` + key + `\\"}`,
		`{"a":"https:\/\/ada:` + key + `@example.com"}`,
	} {
		out, counts := NewRedactor(Redact{Credentials: true}).Redact(nil, []byte(text))
		if !json.Valid(out) || len(counts) != 1 || bytes.Contains(out, []byte(key)) {
			t.Errorf("%s became %s", text, out)
		}
	}
}

func TestWhatIsNoCredentialStays(t *testing.T) {
	for _, text := range []string{
		"", "sk-learn and task-force-alpha-bravo-charlie-delta-echo-foxtrot", "Bearer of bad news", "a basic misunderstanding",
		"https://example.com:8080/a@b", "http://localhost:3000/x?y=a@b.example.com", "eyJhbGciOiJIUzI1NiJ9", "the secret_access_key is set",
		"-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----", `\`, `"\`, `\u00`, `C:\\npm_modules`,
		strings.Repeat("A", 5000), strings.Repeat(`\`, 999),
	} {
		if out, counts := NewRedactor(Redact{Credentials: true}).Redact(nil, []byte(text)); string(out) != text || counts != nil {
			t.Errorf("%.80q became %.80q", text, out)
		}
	}
}

func TestNothingIsRedactedWhereNobodyWantsIt(t *testing.T) {
	for _, c := range credentials {
		if out, _ := NewRedactor(Redact{}).Redact(nil, []byte(c.text)); string(out) != c.text {
			t.Errorf("%q became %q", c.text, out)
		}
	}
}

// A provider cuts what it streams into tokens: hardly any credential comes in
// one piece.
func TestACredentialInPiecesIsRedacted(t *testing.T) {
	for _, c := range credentials {
		for _, kind := range []string{"text", "partial_json", "thinking"} {
			plain := "before " + c.text + " after"
			if kind == "partial_json" {
				plain = quoteOf(plain)
			}
			for _, size := range []int{1, 3, 7} {
				stream := streamed(kind, plain, size)
				out, counts := NewRedactor(Redact{Credentials: true}).Redact(nil, []byte(stream))
				said := heard(t, kind, string(out))
				if kind == "partial_json" {
					said = decoded(t, said, 1)
				}
				if want := strings.Replace("before "+c.text+" after", c.secret, "«redacted:"+c.name+"»", 1); said != want {
					t.Errorf("%s in pieces of %d, %s:\n got  %q\n want %q", c.name, size, kind, said, want)
				}
				if counts[c.name] != 1 {
					t.Errorf("%s in pieces of %d: counted %v", c.name, size, counts)
				}
			}
		}
	}
}

// streamed is a text as it is streamed, beside another block that divides it.
func streamed(kind, text string, size int) string {
	var b strings.Builder
	b.WriteString("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\"}}\n\n")
	for piece := range slices.Chunk([]byte(text), size) {
		fmt.Fprintf(&b, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"%s_delta\",%q:%s}}\n\n", kind, kind, quoteOf(string(piece)))
		b.WriteString("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"text_delta\",\"text\":\"x \"}}\n\n")
	}
	return b.String()
}

// heard is what the first block of a stream says.
func heard(t *testing.T, kind, stream string) string {
	t.Helper()
	var said strings.Builder
	for line := range strings.Lines(stream) {
		data, found := strings.CutPrefix(line, "data: ")
		if !found {
			continue
		}
		var event struct {
			Index int
			Delta map[string]string
		}
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			t.Fatalf("%q is no event any more: %v", data, err)
		}
		if event.Index == 1 {
			said.WriteString(event.Delta[kind])
		}
	}
	return said.String()
}

func TestOwnPatterns(t *testing.T) {
	r := NewRedactor(Redact{Patterns: []Pattern{{"customer", `CUST-[0-9]{4}`}, {"line", "first\nsecond"}}})
	for _, c := range []struct{ text, want string }{
		{`{"a":"of CUST-1234, and \"CUST-5678\""}`, `{"a":"of «redacted:customer», and \"«redacted:customer»\""}`},
		{`{"a":"first\nsecond"}`, `{"a":"«redacted:line»"}`},
		{`["CUST-","1234"]`, `["CUST-","1234"]`},
		{`plain CUST-1234`, `plain «redacted:customer»`},
		{`1234`, `1234`},
	} {
		if out, _ := r.Redact(nil, []byte(c.text)); string(out) != c.want {
			t.Errorf("%s became %s, not %s", c.text, out, c.want)
		}
	}
	number := NewRedactor(Redact{Patterns: []Pattern{{"number", `[0-9]+`}}})
	for text, want := range map[string]string{`{"a":12,"b":"12"}`: `{"a":12,"b":"«redacted:number»"}`, ` 12`: ` 12`, `x12`: `x«redacted:number»`} {
		if out, _ := number.Redact(nil, []byte(text)); string(out) != want {
			t.Errorf("%s became %s, not %s", text, out, want)
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, c := range credentials {
		f.Add(c.text, 3)
		f.Add(quoteOf(quoteOf(c.text)), 5)
	}
	f.Add(streamed("text", credentials[3].text, 8), 7)
	f.Add(`{"a":"\\\\sk-`+`ant-\"","b":1}`, 1)
	r := NewRedactor(Redact{Credentials: true, Patterns: []Pattern{{"digits", `[0-9]{2,}[^a]?`}, {"strokes", `\\+n?`}}})
	f.Fuzz(func(t *testing.T, text string, size int) {
		out, counts := r.Redact(nil, []byte(text))
		if json.Valid([]byte(text)) && !json.Valid(out) {
			t.Errorf("%q is JSON, and %q is none", text, out)
		}
		marks := 0
		for n := range maps.Values(counts) {
			marks += n
		}
		if found := strings.Count(string(out), "«redacted:") - strings.Count(text, "«redacted:"); found > marks {
			t.Errorf("%d marks were counted, and there are %d more than before in %q", marks, found, out)
		}
		if marks == 0 && string(out) != text {
			t.Errorf("%q was changed without a mark: %q", text, out)
		}
		stream := streamed("text", strings.ToValidUTF8(text, ""), max(size&15, 1))
		out, _ = r.Redact(nil, []byte(stream))
		heard(t, "text", string(out)) // every event can still be read
		if strings.Count(string(out), "\n") != strings.Count(stream, "\n") {
			t.Errorf("the stream has other lines than before")
		}
	})
}

// What an attacker may send costs no more than what anybody sends: each of
// these would take forever if it took the square of its length.
func TestRedactionTakesLinearTime(t *testing.T) {
	r := NewRedactor(Redact{Credentials: true, Patterns: []Pattern{{"customer", `C+D`}}})
	for _, unit := range []string{
		"sk-", "tgk_", "://a:", "://", "eyJ", "eyJaaaaaaaa.", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN ", "bearer ", "8Q~", ".8Q~",
		`\`, `\"`, `\u0073`, "accountkey", "sig=", "AKIA/", "C", `"`, "ABSK/", "://a:b\\\\",
	} {
		text := []byte(strings.Repeat(unit, 512<<10/len(unit)))
		r.Redact(nil, text)
		r.Redact(nil, append([]byte(`{"a":"`), text...))
	}
}

func BenchmarkRedact(b *testing.B) {
	text := []byte(`{"messages":[{"role":"user","content":"` + strings.Repeat(`func main() {\n\tfmt.Println(\"the quick brown fox\", x-api, 12345)\n}\n`, 1500) + `"}]}`)
	r := NewRedactor(Redact{Credentials: true})
	b.SetBytes(int64(len(text)))
	var out []byte
	for b.Loop() {
		out, _ = r.Redact(out[:0], text)
	}
}
