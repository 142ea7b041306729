package app

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/audit/body"
	"tollgate/internal/config"
	"tollgate/internal/observe"
	"tollgate/internal/proxy"
	"tollgate/internal/store"
)

// bodies are the sealed ones, as the data plane and administrators see them.
type bodies struct {
	*body.Vault
	register *store.Store
	holds    *holds
}

// Forget implements admin.Bodies.
func (b bodies) Forget() {
	b.Vault.Forget()
	b.holds.forget()
}

// holds are the legal holds as they were last read.
type holds struct {
	register *store.Store
	log      *slog.Logger

	mu      sync.Mutex
	read    time.Time
	all     bool
	persons []string
}

// holdsFresh is for how long they are not read again.
const holdsFresh = 5 * time.Second

// on says whether one is on a person. When that cannot be known, it is.
func (h *holds) on(person, _ string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.read) > holdsFresh {
		persons, all, err := h.register.HeldPersons(context.Background())
		if err != nil {
			h.log.Warn("the legal holds cannot be read; no sealed body is removed until they can", "cause", err)
			all = true
		}
		h.read, h.all, h.persons = time.Now(), all, persons
	}
	return h.all || slices.Contains(h.persons, person)
}

// forget has them read again.
func (h *holds) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.read = time.Time{}
}

func (a *App) newBodies(c *config.Config) bodies {
	held := &holds{register: a.store, log: a.log}
	return bodies{body.New(c.Audit.Config, body.Options{
		Folder: a.folder.file(body.Folder), Register: a.store, Held: held.on, Now: time.Now, Log: a.log,
	}), a.store, held}
}

// Begin implements proxy.Keeper.
func (b bodies) Begin(x *tollgate.Exchange, text []byte) proxy.Kept {
	if kept := b.Vault.Begin(x, text); kept != nil {
		return kept
	}
	return nil
}

// Sealed implements admin.Bodies. That somebody has a body is in the audit log
// before he has it.
func (b bodies) Sealed(ctx context.Context, x *tollgate.Exchange, part tollgate.BodyPart) (tollgate.SealedBody, error) {
	sealed, err := body.Fetch(ctx, b.register, b.Folder, x, part)
	if err != nil {
		return tollgate.SealedBody{}, err
	}
	return sealed, b.register.Note(ctx, body.ReadEvent(ctx, sealed, b.Now()))
}

var _ admin.Bodies = bodies{}

// bodyFigures are the figures of sealed bodies, in the words of metrics.
func bodyFigures(s body.Stats) observe.SealedBodies {
	figures := observe.SealedBodies{Memory: observe.Room(s.Memory), Waiting: s.Waiting, Bytes: s.Bytes, Removed: s.Removed}
	for _, each := range s.Fates {
		figures.Fates = append(figures.Fates, observe.BodyFate{Body: string(each.Part), Fate: string(each.Fate), Count: each.Count})
	}
	return figures
}
