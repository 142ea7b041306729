package alert

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"tollgate"
	"tollgate/internal/secret"
)

// webhook posts JSON, signed as Standard Webhooks 1.0 says
// (github.com/standard-webhooks, 2026-11-23).
type webhook struct {
	url    secret.String
	secret secret.String
	client *http.Client
}

func (w Webhook) sink(roots *x509.CertPool) Sink {
	return &webhook{url: w.URL, secret: w.Secret, client: newClient(roots)}
}

// Deliver implements Sink.
func (w *webhook) Deliver(ctx context.Context, message Message) error {
	body, err := json.Marshal(newEvent(message))
	if err == nil {
		err = post(ctx, w.client, w.url, w.sign(message.ID, time.Now(), body), body)
	}
	return tame(err, w.url, w.secret)
}

// sign returns the headers by which a receiver can tell that the body comes
// from here, is not an old one sent again, and whether it has had it before.
func (w *webhook) sign(id string, at time.Time, body []byte) http.Header {
	key, _ := signingKey(w.secret) // which has been validated
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return http.Header{
		"Webhook-Id":        {id},
		"Webhook-Timestamp": {stamp},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}
}

// event is the body of a webhook. What is there stays there under its name;
// more may be added.
type event struct {
	Type     string    `json:"type"` // "budget.threshold", or "test"
	ID       string    `json:"id"`
	RaisedAt time.Time `json:"raised_at"`
	Text     string    `json:"text"`
	*threshold
}

// threshold is what an event of that type has besides.
type threshold struct {
	Budget    string          `json:"budget"`
	Scope     string          `json:"scope"`
	Member    *string         `json:"member"` // null: all who are in the scope share the budget
	Period    tollgate.Period `json:"period"`
	Models    []string        `json:"models"` // empty: all
	Hard      bool            `json:"hard"`
	Threshold int             `json:"threshold"` // in per cent
	Limit     tollgate.Money  `json:"limit_nano_usd"`
	Spent     tollgate.Money  `json:"spent_nano_usd"`
	StartsAt  *time.Time      `json:"starts_at"` // null for a total
	ResetsAt  *time.Time      `json:"resets_at"` // null: never
}

func newEvent(message Message) event {
	e := event{Type: "test", ID: message.ID, RaisedAt: message.At.UTC(), Text: message.Text}
	if message.Alert != nil {
		e.Type, e.threshold = "budget.threshold", newThreshold(message.Alert)
	}
	return e
}

func newThreshold(a *tollgate.Alert) *threshold {
	t := &threshold{
		Budget: a.Budget, Scope: a.Text.Scope.String(), Period: a.Text.Period, Models: append([]string{}, a.Text.Models...), Hard: a.Text.Hard,
		Threshold: a.Threshold, Limit: a.Text.Limit, Spent: a.Text.Spent, StartsAt: orNull(a.Start), ResetsAt: orNull(a.Text.Reset),
	}
	if member := a.Member.String(); member != "" {
		t.Member = &member
	}
	return t
}

// orNull is the time in UTC, nil for the zero time.
func orNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
