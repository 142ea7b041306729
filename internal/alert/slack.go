package alert

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"strings"

	"tollgate/internal/secret"
)

// slack posts to an incoming webhook (docs.slack.dev, incoming webhooks,
// 2026-11-23).
type slack struct {
	url    secret.String
	client *http.Client
}

func (s Slack) sink(roots *x509.CertPool) Sink { return &slack{url: s.URL, client: newClient(roots)} }

// Deliver implements Sink.
func (s *slack) Deliver(ctx context.Context, message Message) error {
	return tame(post(ctx, s.client, s.url, nil, slackBody(message.Text)), s.url)
}

// slackEscapes are the three characters that mean something in Slack's text:
// <!channel>, for one, would call everybody.
var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func slackBody(text string) []byte {
	var body bytes.Buffer
	out := json.NewEncoder(&body)
	out.SetEscapeHTML(false)
	_ = out.Encode(map[string]string{"text": slackEscapes.Replace(text)}) // a map of texts into memory: it cannot fail
	return body.Bytes()
}
