package sink

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tollgate"
	"tollgate/internal/secret"
)

// webhook posts batches as JSON Lines, signed as Standard Webhooks 1.0 says
// (github.com/standard-webhooks, 2026-11-24).
var webhook = &kind{
	name:     "webhook",
	members:  []string{"url", "secret"},
	every:    time.Second,
	most:     usual,
	problems: Config.webhookProblems,
	open: func(c Config, around Surroundings) Sink {
		return &hook{url: c.URL, secret: c.Secret, now: around.Now, client: newClient()}
	},
}

func (c Config) webhookProblems() []tollgate.Problem {
	return append(addressProblems("url", c.URL.Reveal(), false), secretProblems(c.Secret)...)
}

// leastSecret is the shortest key that signs, in bytes.
const leastSecret = 16

func secretProblems(text secret.String) []tollgate.Problem {
	key, err := signingKey(text)
	switch {
	case text.IsZero():
		return []tollgate.Problem{problem("secret", "is missing", "write one of at least 16 characters, such as ${HOOK_SECRET} for one in an environment variable")}
	case err != nil:
		return []tollgate.Problem{problem("secret", "begins with whsec_ and does not go on in base64", "copy it anew")}
	case len(key) < leastSecret:
		return []tollgate.Problem{problem("secret", fmt.Sprintf("is shorter than %d characters", leastSecret), "make one with: openssl rand -hex 32")}
	}
	return nil
}

// signingKey is what a secret signs with: its bytes, or those that are in base64
// behind whsec_.
func signingKey(text secret.String) ([]byte, error) {
	if encoded, marked := strings.CutPrefix(text.Reveal(), "whsec_"); marked {
		return base64.StdEncoding.DecodeString(encoded)
	}
	return []byte(text.Reveal()), nil
}

type hook struct {
	url, secret secret.String
	now         func() time.Time
	client      *http.Client
}

// Deliver implements Sink.
func (h *hook) Deliver(ctx context.Context, batch Batch) error {
	body := batch.JSONLines()
	request, err := newRequest(ctx, http.MethodPost, h.url.Reveal(), "application/x-ndjson", body)
	if err != nil {
		return err
	}
	h.sign(request.Header, batch.ID(), body)
	_, err = send(h.client, request)
	return err
}

// sign sets the headers by which a receiver can tell that the body comes from
// here, is not an old one sent again, and whether it has had it before.
func (h *hook) sign(header http.Header, id string, body []byte) {
	key, _ := signingKey(h.secret) // which has been validated
	stamp := strconv.FormatInt(h.now().Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	header.Set("Webhook-Id", id)
	header.Set("Webhook-Timestamp", stamp)
	header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
