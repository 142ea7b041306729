package proxy

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tollgate"
)

// modelObject is a model as the Messages API shows it (providers.md 1.1,
// 2026-11-23). Claude Code reads id, display_name and description.
type modelObject struct {
	Type        string `json:"type"`
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	Description string `json:"description,omitempty"`
	CreatedAt   string `json:"created_at"`
}

type modelPage struct {
	Data    []modelObject `json:"data"`
	HasMore bool          `json:"has_more"`
	FirstID *string       `json:"first_id"`
	LastID  *string       `json:"last_id"`
}

// defaultPage and largestPage bound a page of models (providers.md 1.1).
const (
	defaultPage = 20
	largestPage = 1000
)

// listModels answers from what is routed and what the key may use; no provider
// is asked, so it is quick and never redirects (contract.md 6).
func (p *Proxy) listModels(w http.ResponseWriter, r *http.Request) {
	models, ok := p.allowedModels(w, r)
	if !ok {
		return
	}
	query := r.URL.Query()
	limit, err := strconv.Atoi(query.Get("limit"))
	if query.Get("limit") == "" {
		limit, err = defaultPage, nil
	}
	if err != nil || limit < 1 || limit > largestPage {
		p.refuseOther(w, r, tollgate.Errorf(tollgate.Invalid, "limit: must be a whole number from 1 to %d", largestPage))
		return
	}
	writeJSON(w, page(models, limit, query.Get("after_id"), query.Get("before_id")))
}

// showModel answers for one model. One that the key may not use is not there.
func (p *Proxy) showModel(w http.ResponseWriter, r *http.Request, id string) {
	models, ok := p.allowedModels(w, r)
	if !ok {
		return
	}
	at := indexOf(models, id)
	if at < 0 {
		p.refuseOther(w, r, tollgate.Errorf(tollgate.NotFound, "model %.100q is not served to your key; GET /v1/models lists those that are", id))
		return
	}
	writeJSON(w, toObject(models[at]))
}

// allowedModels identifies the caller, or refuses and returns false.
func (p *Proxy) allowedModels(w http.ResponseWriter, r *http.Request) ([]tollgate.Model, bool) {
	who, _, err := p.identify(p.snapshot.Load(), r.Header)
	if err != nil {
		p.refuseOther(w, r, err)
		return nil, false
	}
	s := p.snapshot.Load()
	return s.priced(s.Router.Models(who.Models), time.Now()), true
}

// priced are the models that can be priced wherever they may go: others are not
// served, so nobody is offered them.
func (s *Snapshot) priced(models []tollgate.Model, now time.Time) []tollgate.Model {
	if s.AdmitUnpriced {
		return models
	}
	return slices.DeleteFunc(slices.Clone(models), func(m tollgate.Model) bool {
		targets, err := s.Router.Route(m.ID)
		return err != nil || slices.ContainsFunc(targets, func(to tollgate.Target) bool { return !s.Book.Knows(to.Upstream, m.ID, now) })
	})
}

// page cuts the list as the API's cursors say. An unknown cursor cuts nothing.
func page(models []tollgate.Model, limit int, after, before string) modelPage {
	var out modelPage
	if at := indexOf(models, after); at >= 0 {
		models = models[at+1:]
	}
	if at := indexOf(models, before); at >= 0 {
		models = models[:at]
		if len(models) > limit {
			models, out.HasMore = models[len(models)-limit:], true
		}
	}
	if len(models) > limit {
		models, out.HasMore = models[:limit], true
	}
	out.Data = make([]modelObject, len(models))
	for i, model := range models {
		out.Data[i] = toObject(model)
	}
	if len(models) > 0 {
		out.FirstID, out.LastID = &models[0].ID, &models[len(models)-1].ID
	}
	return out
}

func indexOf(models []tollgate.Model, id string) int {
	return slices.IndexFunc(models, func(m tollgate.Model) bool { return m.ID == id })
}

func toObject(m tollgate.Model) modelObject {
	return modelObject{"model", m.ID, m.DisplayName, m.Description, m.CreatedAt.UTC().Format(time.RFC3339)}
}

func writeJSON(w http.ResponseWriter, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // only types of this package, which always marshal
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the client may be gone; there is nobody else to tell
}
