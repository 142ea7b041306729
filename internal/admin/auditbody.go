package admin

import (
	"context"
	"net/http"

	"tollgate"
	"tollgate/api"
)

// Bodies are those that were sealed.
type Bodies interface {
	// Sealed is a body of a request as it lies on the disk. Before it is handed
	// out, the audit log says that it was, and to whom.
	Sealed(ctx context.Context, x *tollgate.Exchange, part tollgate.BodyPart) (tollgate.SealedBody, error)
	// Forget lets go of the keys and the legal holds in memory, after some were
	// destroyed, added or removed.
	Forget()
}

// WithBodies says who has the sealed bodies, before the first question.
func (s *Service) WithBodies(bodies Bodies) *Service {
	s.bodies = bodies
	return s
}

// SealedBody hands out a body that only a recipient's identity opens. That takes
// the role write all the same: who may read reports has no business with what was
// said.
func (s *Service) SealedBody(ctx context.Context, caller Caller, id string, part tollgate.BodyPart) (found tollgate.SealedBody, err error) {
	if err := s.authorize(caller, readBody); err != nil {
		return found, err
	}
	if s.bodies == nil {
		return found, errNoFleet
	}
	s.ledger.CatchUp(ctx)
	x, err := s.ledger.Request(ctx, id)
	if err != nil {
		return found, err
	}
	found, err = s.bodies.Sealed(tollgate.WithActor(ctx, "admin:"+caller.Name), x, part)
	return found, s.noted(ctx, caller, readBody, id, err, "body", string(part))
}

func (f *face) readAuditBody(r *http.Request, caller Caller) (any, error) {
	values, err := query(r, "part")
	if err != nil {
		return nil, err
	}
	part := tollgate.BodyPart(values.Get("part"))
	if part != tollgate.RequestPart && part != tollgate.ResponsePart {
		return nil, tollgate.Errorf(tollgate.Invalid, "part is which of the two bodies: request or response")
	}
	found, err := f.service.SealedBody(r.Context(), caller, r.PathValue("id"), part)
	if err != nil {
		return nil, err
	}
	return wireSealedBody(found), nil
}

func wireSealedBody(b tollgate.SealedBody) api.SealedBody {
	wire := api.SealedBody{Request: b.Request.ID, Part: string(b.Part), Person: b.Person, Digest: b.Digest(), Sealed: b.Sealed}
	for _, key := range b.Keys {
		wire.Keys = append(wire.Keys, api.PersonKey{Public: key.Public, Wrapped: key.Wrapped, CreatedAt: key.CreatedAt.UTC()})
	}
	return wire
}
