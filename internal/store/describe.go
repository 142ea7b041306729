package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"tollgate"
)

// The nouns of the register as the audit log has them. The order of their members
// is the order in which they are written, which never changes; members are added
// at the end. Labels are left out: people write names into them.
type (
	teamNote struct {
		Name string `json:"name"`
	}
	developerNote struct {
		Person string `json:"person"`
		Team   string `json:"team,omitempty"`
	}
	keyNote struct {
		ID        string   `json:"id"`
		Person    string   `json:"person,omitempty"`
		Service   string   `json:"service,omitempty"`
		Team      string   `json:"team,omitempty"`
		Style     string   `json:"style,omitempty"`
		Models    []string `json:"models,omitempty"`
		CreatedAt string   `json:"created_at,omitempty"`
		ExpiresAt string   `json:"expires_at,omitempty"`
		RevokedAt string   `json:"revoked_at,omitempty"`
		Secrets   int      `json:"secrets"` // how many open it
		Lifetime  string   `json:"lifetime,omitempty"`
	}
	revokedNote struct {
		RevokedKeys []string `json:"revoked_keys"`
	}
	budgetNote struct {
		ID      string      `json:"id"`
		Scope   string      `json:"scope"`
		Period  string      `json:"period"`
		Models  []string    `json:"models,omitempty"`
		Each    bool        `json:"each,omitempty"`
		Hard    bool        `json:"hard,omitempty"`
		Amount  int64       `json:"amount_nano_usd"`
		Enforce string      `json:"enforce"`
		Alerts  []int       `json:"alerts,omitempty"`
		Raises  []raiseNote `json:"raises,omitempty"`
	}
	raiseNote struct {
		ID        string `json:"id"`
		Member    string `json:"member,omitempty"`
		By        int64  `json:"by_nano_usd"`
		From      string `json:"from"`
		Until     string `json:"until"`
		Reason    string `json:"reason,omitempty"`
		CreatedBy string `json:"created_by,omitempty"`
	}
	limitNote struct {
		ID                    string   `json:"id"`
		Scope                 string   `json:"scope"`
		Models                []string `json:"models,omitempty"`
		Each                  bool     `json:"each,omitempty"`
		RequestsPerMinute     int64    `json:"requests_per_minute,omitempty"`
		InputTokensPerMinute  int64    `json:"input_tokens_per_minute,omitempty"`
		OutputTokensPerMinute int64    `json:"output_tokens_per_minute,omitempty"`
		Concurrent            int64    `json:"concurrent,omitempty"`
		CountTokensPerMinute  int64    `json:"count_tokens_per_minute,omitempty"`
	}
)

func noteDeveloper(ctx context.Context, tx *sql.Tx, d tollgate.Developer) (developerNote, error) {
	person, err := personOf(ctx, tx, d.Email)
	return developerNote{person, d.Team}, err
}

func noteKey(ctx context.Context, tx *sql.Tx, k tollgate.Key) (note keyNote, err error) {
	note = keyNote{
		ID: k.ID, Service: k.Service, Team: k.Team, Style: string(k.Style), Models: k.Models,
		CreatedAt: noteTime(k.CreatedAt), ExpiresAt: noteTime(k.ExpiresAt), RevokedAt: noteTime(k.RevokedAt), Secrets: len(k.Secrets),
	}
	if k.Lifetime > 0 {
		note.Lifetime = k.Lifetime.String()
	}
	if k.Developer != "" {
		note.Person, err = personOf(ctx, tx, k.Developer)
	}
	return note, err
}

func noteRevoked(keys []tollgate.Key) revokedNote {
	note := revokedNote{RevokedKeys: []string{}}
	for _, key := range keys {
		note.RevokedKeys = append(note.RevokedKeys, key.ID)
	}
	return note
}

func noteBudget(ctx context.Context, tx *sql.Tx, b tollgate.Budget) (note budgetNote, err error) {
	note = budgetNote{
		ID: b.ID, Period: string(b.Period), Models: b.Models, Each: b.Each, Hard: b.Hard,
		Amount: int64(b.Amount), Enforce: string(b.Enforce), Alerts: b.Alerts,
	}
	if note.Scope, err = pseudonymous(ctx, tx, b.Scope.String()); err != nil {
		return note, err
	}
	for _, r := range b.Raises {
		member, err := pseudonymous(ctx, tx, r.Member.String())
		if err != nil {
			return note, err
		}
		note.Raises = append(note.Raises, raiseNote{r.ID, member, int64(r.By), noteTime(r.From), noteTime(r.Until), r.Reason, r.CreatedBy})
	}
	return note, nil
}

func noteLimit(ctx context.Context, tx *sql.Tx, l tollgate.Limit) (limitNote, error) {
	scope, err := pseudonymous(ctx, tx, l.Scope.String())
	return limitNote{
		l.ID, scope, l.Models, l.Each,
		l.RequestsPerMinute, l.InputTokensPerMinute, l.OutputTokensPerMinute, l.Concurrent, l.CountTokensPerMinute,
	}, err
}

// noteTime is a time as lines have it, empty for never.
func noteTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000000Z")
}

func isAddress(text string) bool { return strings.Contains(text, "@") }
