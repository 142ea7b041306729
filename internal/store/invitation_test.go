package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// TestRedeem_Once: of many who come with an invitation at the same time one gets the
// key, and nobody else any.
func TestRedeem_Once(t *testing.T) {
	a := newAudited(t)
	if err := a.CreateDeveloper(t.Context(), tollgate.Developer{Email: "ann@example.com"}); err != nil {
		t.Fatal(err)
	}
	invitation := tollgate.Invitation{
		ID: "inv012345678", Developer: "ann@example.com", Label: "laptop", Models: []string{"claude-*"}, Style: tollgate.JWTKey, Lifetime: 30 * aDay,
		Hash: []byte("code"), CreatedAt: a.at, CreatedBy: "admin:x", ExpiresAt: a.at.Add(aDay),
	}
	if err := a.AddInvitation(t.Context(), invitation); err != nil {
		t.Fatal(err)
	}
	redeem := func(id, hash string, at time.Time) (tollgate.Key, error) {
		drawn := tollgate.Key{ID: tollgate.NewKeyID()}
		drawn.Secrets = []tollgate.KeySecret{{Hash: []byte(drawn.ID)}}
		return a.Redeem(t.Context(), id, []byte(hash), at, drawn)
	}
	for name, wrong := range map[string]func() (tollgate.Key, error){
		"another id":   func() (tollgate.Key, error) { return redeem("inv876543210", "code", a.at) },
		"another code": func() (tollgate.Key, error) { return redeem(invitation.ID, "edoc", a.at) },
		"too late":     func() (tollgate.Key, error) { return redeem(invitation.ID, "code", a.at.Add(aDay)) },
	} {
		if _, err := wrong(); !errors.Is(err, store.ErrInvitation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var got []tollgate.Key
	for range 8 {
		all.Go(func() {
			key, err := redeem(invitation.ID, "code", a.at)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				got = append(got, key)
			} else if !errors.Is(err, store.ErrInvitation) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(got) != 1 {
		t.Fatalf("%d have got a key", len(got))
	}
	key := got[0]
	if key.Developer != "ann@example.com" || key.Label != "laptop" || key.Style != tollgate.JWTKey || key.Lifetime != 30*aDay || !key.ExpiresAt.Equal(a.at.Add(30*aDay)) || len(key.Models) != 1 {
		t.Errorf("%+v", key)
	}
	stored, err := a.Key(t.Context(), key.ID)
	if err != nil || stored.Lifetime != key.Lifetime || len(stored.Secrets) != 1 {
		t.Errorf("%+v %v", stored, err)
	}
	list, err := a.Invitations(t.Context())
	if err != nil || len(list) != 1 || list[0].Key != key.ID || list[0].UsedAt.IsZero() {
		t.Errorf("%+v %v", list, err)
	}
	if _, err := a.WithdrawInvitation(t.Context(), invitation.ID); !tollgate.IsKind(err, tollgate.NotFound) {
		t.Errorf("what was used is withdrawn: %v", err)
	}
}

// TestInvitationsGoWithTheDeveloper, be they removed or erased.
func TestInvitationsGoWithTheDeveloper(t *testing.T) {
	a := newAudited(t)
	for i, email := range []string{"ann@example.com", "bob@example.com"} {
		if err := a.CreateDeveloper(t.Context(), tollgate.Developer{Email: email}); err != nil {
			t.Fatal(err)
		}
		invitation := tollgate.Invitation{ID: tollgate.NewKeyID(), Developer: email, Hash: []byte{byte(i + 1)}, CreatedAt: a.at, CreatedBy: "admin:x", ExpiresAt: a.at.Add(aDay)}
		if err := a.AddInvitation(t.Context(), invitation); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.RemoveDeveloper(t.Context(), "ann@example.com", a.at); err != nil {
		t.Fatal(err)
	}
	if _, err := a.EraseDeveloper(t.Context(), "bob@example.com", a.at); err != nil {
		t.Fatal(err)
	}
	if list, err := a.Invitations(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
}
