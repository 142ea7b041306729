package admin

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/internal/secret"
)

// IssuedInvitation is an invitation in the one moment when its code is known.
type IssuedInvitation struct {
	tollgate.Invitation
	Code secret.String
}

// defaultValidity is how long an invitation can be used.
const defaultValidity = "7d"

// shortestLifetime keeps keys from being renewed all the time.
const shortestLifetime = time.Hour

// Invite makes an invitation for a developer. Its code is exchanged for a key that
// only the developer sees.
func (s *Service) Invite(ctx context.Context, caller Caller, input api.NewInvitation) (IssuedInvitation, error) {
	if err := s.authorize(caller, inviteKey); err != nil {
		return IssuedInvitation{}, err
	}
	invitation, err := s.draftInvitation(input)
	if err != nil {
		return IssuedInvitation{}, err
	}
	invitation.CreatedBy = "admin:" + caller.Name
	code := tollgate.NewInvitationCode(invitation.ID)
	invitation.Hash = s.keyring.Hash(code)
	err = s.register.AddInvitation(ctx, invitation)
	return IssuedInvitation{invitation, secret.New(code)}, s.noted(ctx, caller, inviteKey, invitation.ID, err)
}

func (s *Service) draftInvitation(input api.NewInvitation) (tollgate.Invitation, error) {
	now := s.now()
	i := tollgate.Invitation{ID: tollgate.NewKeyID(), Label: input.Label, Models: input.Models, CreatedAt: now}
	err := firstError(
		func() (err error) { i.Developer, err = parseEmail(input.Developer); return err },
		func() error { return checkText("a label", i.Label) },
		func() (err error) { i.Style, err = tollgate.ParseKeyStyle(input.Style); return err },
		func() error { return checkGlobs(i.Models) },
		func() (err error) { i.Lifetime, err = lifetime(input.Expires); return err },
		func() error {
			valid, err := parseSpan(cmp.Or(input.Valid, defaultValidity))
			if err == nil && valid <= 0 {
				err = tollgate.Errorf(tollgate.Invalid, "an invitation that is valid for %s cannot be used; write a span such as 7d", input.Valid)
			}
			i.ExpiresAt = now.Add(valid)
			return err
		},
	)
	return i, err
}

// lifetime is how long a key lives until it is renewed; 0 when text is empty.
func lifetime(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	span, err := parseSpan(text)
	if err == nil && span < shortestLifetime {
		err = tollgate.Errorf(tollgate.Invalid, "a key that lives for less than an hour would be renewed all the time; write a span such as 30d")
	}
	return span, err
}

// Invitations are all, the newest first.
func (s *Service) Invitations(ctx context.Context, caller Caller) ([]tollgate.Invitation, error) {
	if err := s.authorize(caller, readKey); err != nil {
		return nil, err
	}
	return s.register.Invitations(ctx)
}

// WithdrawInvitation ends one that was not used, and returns it.
func (s *Service) WithdrawInvitation(ctx context.Context, caller Caller, id string) (tollgate.Invitation, error) {
	if err := s.authorize(caller, uninviteKey); err != nil {
		return tollgate.Invitation{}, err
	}
	if read, whole := tollgate.InvitationIDOf(id); whole {
		id = read
	}
	invitation, err := s.register.WithdrawInvitation(ctx, id)
	return invitation, s.noted(ctx, caller, uninviteKey, id, err)
}

// Enroll exchanges the code of an invitation for a key. The error is for strangers.
func (s *Service) Enroll(ctx context.Context, code string) (tollgate.Enrollment, error) {
	id, ok := tollgate.InvitationIDOf(code)
	if !ok {
		return tollgate.Enrollment{}, tollgate.Errorf(tollgate.Unauthenticated, "this is no invitation: it is cut or mistyped; copy it again, whole (it begins with tgi_)")
	}
	key := tollgate.Key{ID: tollgate.NewKeyID()}
	whole := tollgate.NewKeyString(key.ID)
	key.Secrets = []tollgate.KeySecret{{Hash: s.keyring.Hash(whole)}}
	ctx = tollgate.WithActor(context.WithoutCancel(ctx), "invitation:"+id)
	s.keys.Lock()
	defer s.keys.Unlock()
	stored, err := s.register.Redeem(ctx, id, s.keyring.Hash(code), s.now(), key)
	if err != nil {
		return tollgate.Enrollment{}, err
	}
	s.keyring.Put(stored)
	s.log.InfoContext(ctx, "an invitation was exchanged for a key", "invitation", id, "key", stored.ID)
	return tollgate.Enrollment{ID: stored.ID, Key: stored.Style.Write(whole), ExpiresAt: stored.ExpiresAt}, nil
}

// renewalGrace is for how long the secret still opens that was renewed: an answer
// that is lost costs nothing.
const renewalGrace = 24 * time.Hour

// Renew gives a key a fresh secret and another lifetime, at the wish of its holder,
// who has presented it whole, as it is without a style.
func (s *Service) Renew(ctx context.Context, presented string) (tollgate.Enrollment, error) {
	id, _ := tollgate.KeyIDOf(presented)
	whole, now := tollgate.NewKeyString(id), s.now()
	ctx = tollgate.WithActor(context.WithoutCancel(ctx), "key:"+id)
	s.keys.Lock()
	defer s.keys.Unlock()
	key, err := s.changeKey(ctx, id, func(key *tollgate.Key) error {
		if err := checkLive(*key, now); err != nil {
			return err
		}
		if key.Lifetime <= 0 {
			return tollgate.Errorf(tollgate.Forbidden, "this key is not one that its holder renews; ask your administrator")
		}
		key.ExpiresAt = now.Add(key.Lifetime)
		key.Secrets = []tollgate.KeySecret{{Hash: s.keyring.Hash(whole)}, {Hash: s.keyring.Hash(presented), ExpiresAt: now.Add(renewalGrace)}}
		return nil
	})
	if err != nil {
		return tollgate.Enrollment{}, err
	}
	return tollgate.Enrollment{ID: id, Key: key.Style.Write(whole), ExpiresAt: key.ExpiresAt}, nil
}

func (f *face) invite(r *http.Request, caller Caller) (any, error) {
	input, err := decode[api.NewInvitation](r.Body)
	if err != nil {
		return nil, err
	}
	issued, err := f.service.Invite(r.Context(), caller, input)
	wire := wireInvitation(issued.Invitation)
	wire.Code = issued.Code.Reveal()
	return wire, err
}

func (f *face) listInvitations(r *http.Request, caller Caller) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	invitations, err := f.service.Invitations(r.Context(), caller)
	return page(invitations, wireInvitation), err
}

func (f *face) withdrawInvitation(r *http.Request, caller Caller) (any, error) {
	invitation, err := f.service.WithdrawInvitation(r.Context(), caller, r.PathValue("id"))
	return wireInvitation(invitation), err
}

func wireInvitation(i tollgate.Invitation) api.Invitation {
	wire := api.Invitation{
		ID: i.ID, Developer: i.Developer, Label: optional(i.Label), Style: i.Style.String(), Models: list(i.Models),
		CreatedAt: i.CreatedAt.UTC(), CreatedBy: i.CreatedBy, ExpiresAt: i.ExpiresAt.UTC(), Key: optional(i.Key),
	}
	if i.Lifetime > 0 {
		seconds := int64(i.Lifetime / time.Second)
		wire.KeyLifetime = &seconds
	}
	if !i.UsedAt.IsZero() {
		used := i.UsedAt.UTC()
		wire.UsedAt = &used
	}
	return wire
}
