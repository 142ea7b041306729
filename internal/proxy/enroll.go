package proxy

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"tollgate"
	"tollgate/internal/identity"
)

// Issuer gives developers keys without an administrator in between. Errors are
// *tollgate.Error, safe for strangers; what is returned is durable.
type Issuer interface {
	// Enroll exchanges the code of an invitation for a key, once.
	Enroll(ctx context.Context, code string) (tollgate.Enrollment, error)
	// Renew gives a key, which was presented and opens, a fresh secret.
	Renew(ctx context.Context, key string) (tollgate.Enrollment, error)
}

// Where tollgate key-helper asks.
const (
	enrollPath = doctorPath + "/enroll"
	renewPath  = doctorPath + "/renew"
)

// enrolled is a key as its holder is given it.
type enrolled struct {
	ID      string     `json:"id"`
	Key     string     `json:"key"`
	Expires *time.Time `json:"expires_at"` // null: never
}

// invited is what an invitation is presented in.
type invited struct {
	Invitation string `json:"invitation"`
}

// codeBound is more than the document with a code is long, in bytes.
const codeBound = 4 << 10

func (p *Proxy) enroll(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, codeBound))
	var asked invited
	if err != nil || json.Unmarshal(text, &asked) != nil {
		p.refuseOther(w, r, tollgate.Errorf(tollgate.Invalid, `the body must be {"invitation":"tgi_…"}`))
		return
	}
	given, err := p.Issuer.Enroll(r.Context(), asked.Invitation)
	p.give(w, r, given, err)
}

func (p *Proxy) renew(w http.ResponseWriter, r *http.Request) {
	if _, err := p.Identity.Identify(r.Header); err != nil {
		p.refuseOther(w, r, err)
		return
	}
	key, _, err := identity.Presented(r.Header)
	if err != nil {
		p.refuseOther(w, r, err)
		return
	}
	given, err := p.Issuer.Renew(r.Context(), key)
	p.give(w, r, given, err)
}

func (p *Proxy) give(w http.ResponseWriter, r *http.Request, given tollgate.Enrollment, err error) {
	if err != nil {
		p.refuseOther(w, r, err)
		return
	}
	answer := enrolled{ID: given.ID, Key: given.Key}
	if !given.ExpiresAt.IsZero() {
		at := given.ExpiresAt.UTC()
		answer.Expires = &at
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, answer)
}
