package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// echoed is what a tollgate says arrived of a request.
type echoed struct {
	Bytes       int64      `json:"bytes"`
	Digest      string     `json:"digest"`
	Encoding    string     `json:"content_encoding"`
	Betas       []string   `json:"betas"`
	Headers     []string   `json:"headers"`
	Credentials []string   `json:"credentials"`
	Expires     *time.Time `json:"expires_at"`
}

// echo asks what arrives. The sentence says what went wrong, if anything did.
func (v *visit) echo(ctx context.Context, q question) (got echoed, answer reply, wrong string) {
	q.method, q.path = http.MethodPost, "/tollgate/echo"
	answer, err := v.ask(ctx, q)
	if err != nil {
		wrong, _ = explain(v.URL, err)
		return got, answer, wrong
	}
	if answer.StatusCode != http.StatusOK || json.Unmarshal(answer.body, &got) != nil {
		return got, answer, v.otherwise(answer)
	}
	return got, answer, ""
}

// otherwise is what an answer says that is not the one that was asked for.
func (v *visit) otherwise(answer reply) string {
	if message, understood := answer.said(); understood {
		return fmt.Sprintf("the gateway refuses it with %d: %s", answer.StatusCode, message)
	}
	if answer.isPage() {
		return fmt.Sprintf("something on the way answers in the gateway's place, with %d and %s", answer.StatusCode, answer.title())
	}
	return fmt.Sprintf("the answer is %d and none of a gateway", answer.StatusCode)
}

// keyEndsSoon is how long before its end a key is warned of.
const keyEndsSoon = 3 * 24 * time.Hour

// checkKey asks for the models, which every gateway lists and which costs nothing.
func checkKey(v *visit, ctx context.Context) {
	if v.Key == "" {
		v.shut = true
		v.report("key", Failed, "there is no key", "name it with --key, or set ANTHROPIC_AUTH_TOKEN or apiKeyHelper as for Claude Code")
		return
	}
	answer, err := v.ask(ctx, question{path: "/v1/models?limit=1000"})
	if err != nil {
		says, remedy := explain(v.URL, err)
		v.shut = true
		v.report("key", Failed, says, remedy)
		return
	}
	v.judgeKey(ctx, answer)
}

func (v *visit) judgeKey(ctx context.Context, answer reply) {
	switch {
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		if _, _, wrong := v.echo(ctx, question{header: http.Header{"Authorization": nil, "X-Api-Key": {v.Key}}}); v.tollgate && wrong == "" {
			v.report("key", Failed, "the key is good, and Authorization does not arrive with it", "have the proxy in between pass the header Authorization on; until then set the key as ANTHROPIC_API_KEY")
			v.shut = true
			return
		}
		v.shut = true
		v.report("key", Failed, v.otherwise(answer), "ask for a new key, or copy it again, whole; it is the gateway's key that is meant, not one of the provider's")
	case answer.StatusCode == http.StatusTooManyRequests:
		v.report("key", OK, "it is accepted, and has reached a limit just now", "")
	case answer.StatusCode == http.StatusOK || answer.StatusCode == http.StatusNotFound:
		v.reportKey(ctx)
	default:
		v.report("key", Warning, v.otherwise(answer), "look at the gateway's log")
	}
}

func (v *visit) reportKey(ctx context.Context) {
	if !v.tollgate {
		v.report("key", OK, "it is not refused", "")
		return
	}
	got, _, wrong := v.echo(ctx, question{})
	switch {
	case wrong != "":
		v.report("key", Failed, wrong, "look for what stands between this machine and the gateway")
	case got.Expires == nil:
		v.report("key", OK, "it is accepted, and does not end", "")
	case got.Expires.Sub(v.Now()) < keyEndsSoon:
		v.report("key", Warning, "it is accepted, and ends on "+got.Expires.UTC().Format(time.RFC3339), "have it renewed before")
	default:
		v.report("key", OK, "it is accepted, until "+got.Expires.UTC().Format(time.DateOnly), "")
	}
}

// checkKeyHeaders sends the key in both headers, as an apiKeyHelper does.
func checkKeyHeaders(v *visit, ctx context.Context) {
	got, _, wrong := v.echo(ctx, question{header: http.Header{"X-Api-Key": {v.Key}}})
	if wrong != "" {
		v.report("key_headers", Failed, wrong, "have the proxy in between pass x-api-key on beside Authorization")
		return
	}
	if len(got.Credentials) < 2 {
		v.report("key_headers", Warning, "of Authorization and x-api-key only "+strings.Join(got.Credentials, "")+" arrives", "have the proxy in between pass Authorization and x-api-key on: which one is used depends on how the client is given its key")
		return
	}
	v.report("key_headers", OK, "Authorization and x-api-key arrive", "")
}
