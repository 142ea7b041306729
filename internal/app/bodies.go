package app

import (
	"context"
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
}

func (a *App) newBodies(c *config.Config) bodies {
	return bodies{body.New(c.Audit.Config, body.Options{
		Folder: a.folder.file(body.Folder), Register: a.store, Now: time.Now, Log: a.log,
	}), a.store}
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
