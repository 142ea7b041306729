package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tollgate"
	"tollgate/internal/identity"
	"tollgate/internal/jsonedit"
	"tollgate/internal/policy/limit"
	"tollgate/internal/upstream"
)

// What "tollgate doctor" asks a gateway for. Nothing of it reaches a provider or
// costs anything; each counts as a request in the limits on rates.
const (
	doctorPath = "/tollgate"
	echoPath   = doctorPath + "/echo"
	streamPath = doctorPath + "/stream"
	planPath   = doctorPath + "/plan"
)

// product is what a stranger is told: whose gateway this is.
type product struct {
	Product string `json:"product"`
}

// echoed is what arrived of a request. Of credentials it has the names of the
// headers alone.
type echoed struct {
	Bytes       int64      `json:"bytes"`
	Digest      string     `json:"digest"` // "sha256:…" of the body
	Encoding    string     `json:"content_encoding"`
	Betas       []string   `json:"betas"`
	Headers     []string   `json:"headers"`
	Credentials []string   `json:"credentials"` // the headers in which a key came
	Protocol    string     `json:"protocol"`
	Key         string     `json:"key"`
	Expires     *time.Time `json:"expires_at"` // null: never
}

// planned is what would become of a request for a model.
type planned struct {
	Model     string   `json:"model"`
	Upstreams []string `json:"upstreams"` // in the order in which they would be asked
	// LikelyCost is about what a request of one word, answered with one, costs.
	LikelyCost int64 `json:"likely_cost_nano_usd"`
}

// serveDoctor answers what is under doctorPath.
func (p *Proxy) serveDoctor(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == doctorPath {
		writeJSON(w, product{"tollgate"})
		return
	}
	if err := p.examine(w, r); err != nil {
		p.refuseOther(w, r, err)
	}
}

// examine answers whoever has a key.
func (p *Proxy) examine(w http.ResponseWriter, r *http.Request) error {
	who, err := p.Identity.Identify(r.Header)
	if err != nil {
		return err
	}
	if !p.room.requests.Take(1) {
		return p.full("max_requests", p.room.requests.Stats())
	}
	defer p.room.requests.Give(1)
	rate, err := p.Limits.Admit(limit.Ask{Who: who, Operation: tollgate.Messages})
	if err != nil {
		return err
	}
	defer rate.Settle(tollgate.Tokens{})
	switch r.URL.Path {
	case echoPath:
		return p.echo(w, r, who)
	case streamPath:
		return p.streamTest(w, r)
	case planPath:
		return p.plan(w, r, who)
	}
	return tollgate.Errorf(tollgate.NotFound, "there is nothing at this path; tollgate doctor knows what it asks for")
}

// echoBound is the largest body that is echoed.
const echoBound = 1 << 20

func (p *Proxy) echo(w http.ResponseWriter, r *http.Request, who tollgate.Principal) error {
	digest := sha256.New()
	size, err := io.Copy(digest, http.MaxBytesReader(w, r.Body, echoBound))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return tollgate.Errorf(tollgate.TooLarge, "a body of more than %d bytes is not echoed", echoBound)
	}
	if err != nil {
		return tollgate.Errorf(tollgate.Invalid, "the body could not be read to its end; check the network between").Because(err)
	}
	answer := echoed{
		Bytes: size, Digest: "sha256:" + hex.EncodeToString(digest.Sum(nil)), Encoding: r.Header.Get("Content-Encoding"),
		Betas: upstream.Values(r.Header["Anthropic-Beta"]), Headers: slices.Sorted(maps.Keys(r.Header)),
		Credentials: identity.Headers(r.Header), Protocol: r.Proto, Key: who.Key,
	}
	if !who.Expires.IsZero() {
		answer.Expires = &who.Expires
	}
	writeJSON(w, answer)
	return nil
}

// plan goes the way of a request up to where it would be sent.
func (p *Proxy) plan(w http.ResponseWriter, r *http.Request, who tollgate.Principal) error {
	s := p.snapshot.Load()
	name := r.URL.Query().Get("model")
	if name == "" {
		return tollgate.Errorf(tollgate.Invalid, "the model is missing: ask for ?model=NAME")
	}
	x := &tollgate.Exchange{Time: p.Now(), Principal: who, Operation: tollgate.Messages, Model: name}
	call := tollgate.Call{Model: name, Spelled: name, Operation: tollgate.Messages, MaxTokens: 1}
	targets, err := s.Router.Route(name)
	if err != nil {
		return err
	}
	text, _ := json.Marshal(map[string]any{"model": name, "max_tokens": 1, "messages": []any{}}) // such values always marshal
	body := jsonedit.Open(text)
	if err := s.allow(x, call, body, targets); err != nil {
		return err
	}
	answer := planned{Model: name, LikelyCost: int64(s.guess(call, body, targets, x))}
	for _, to := range targets {
		answer.Upstreams = append(answer.Upstreams, to.Upstream)
	}
	writeJSON(w, answer)
	return nil
}

// What a stream of test events is asked to be like, and the most it may be.
const (
	mostEvents  = 20
	mostPause   = 2 * time.Second
	mostSilence = time.Minute
)

// streamTest streams events, with a pause before each, and a silence before the
// last: what stands between must bring each as it comes, and must not cut. Pings
// and comments, as providers send them, are among them.
func (p *Proxy) streamTest(w http.ResponseWriter, r *http.Request) error {
	events, err1 := strconv.Atoi(r.URL.Query().Get("events"))
	pause, err2 := time.ParseDuration(r.URL.Query().Get("pause"))
	silence, err3 := time.ParseDuration(r.URL.Query().Get("silence"))
	if errors.Join(err1, err2, err3) != nil || events < 1 || events > mostEvents || pause < 0 || pause > mostPause || silence < 0 || silence > mostSilence {
		return tollgate.Errorf(tollgate.Invalid, "ask for ?events=1 to %d, &pause= up to %s and &silence= up to %s", mostEvents, mostPause, mostSilence)
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	connection := http.NewResponseController(w)
	for number := 1; number <= events; number++ {
		wait := pause
		if number == events {
			wait = silence
		}
		if number > 1 && !p.rest(r, wait) {
			return nil // nobody listens, or the process ends
		}
		fmt.Fprintf(w, ": keepalive\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\nevent: tick\ndata: {\"type\":\"tick\",\"number\":%d}\n\n", number)
		if connection.Flush() != nil {
			return nil
		}
	}
	return nil
}

// rest waits, and says whether somebody still does at the other end.
func (p *Proxy) rest(r *http.Request, wait time.Duration) bool {
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case <-late.C:
		return true
	case <-r.Context().Done():
	case <-p.Running.Done():
	}
	return false
}

func isDoctor(path string) bool {
	return path == doctorPath || strings.HasPrefix(path, doctorPath+"/")
}
