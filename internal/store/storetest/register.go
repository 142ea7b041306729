package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

func testTeam(t *testing.T, s *store.Store) {
	ctx := t.Context()
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "web"}))
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "apps"}))
	wantKind(t, s.CreateTeam(ctx, tollgate.Team{Name: "web"}), tollgate.Conflict)
	wantKind(t, s.CreateTeam(ctx, tollgate.Team{Name: "Web"}), tollgate.Conflict)
	wantKind(t, s.CreateTeam(ctx, tollgate.Team{}), tollgate.Invalid)

	team, err := s.Team(ctx, "web")
	must(t, err)
	want(t, "team", team, tollgate.Team{Name: "web"})
	_, err = s.Team(ctx, "nobody")
	wantKind(t, err, tollgate.NotFound)

	must(t, s.RemoveTeam(ctx, "web", start))
	wantKind(t, s.RemoveTeam(ctx, "web", start), tollgate.NotFound)
	teams, err := s.Teams(ctx)
	must(t, err)
	want(t, "teams", teams, []tollgate.Team{{Name: "apps"}})
}

func testDeveloper(t *testing.T, s *store.Store) {
	ctx := t.Context()
	ada := tollgate.Developer{Email: "ada@example.com", Name: "Ada", Team: "web"}
	wantKind(t, s.CreateDeveloper(ctx, ada), tollgate.NotFound)
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "web"}))
	must(t, s.CreateDeveloper(ctx, ada))
	wantKind(t, s.CreateDeveloper(ctx, ada), tollgate.Conflict)
	wantKind(t, s.CreateDeveloper(ctx, tollgate.Developer{}), tollgate.Invalid)
	bob := tollgate.Developer{Email: "bob@example.com"}
	must(t, s.CreateDeveloper(ctx, bob))

	got, err := s.Developer(ctx, ada.Email)
	must(t, err)
	want(t, "developer", got, ada)
	all, err := s.Developers(ctx, "")
	must(t, err)
	want(t, "all developers", all, []tollgate.Developer{ada, bob})
	web, err := s.Developers(ctx, "web")
	must(t, err)
	want(t, "developers of web", web, []tollgate.Developer{ada})

	wantKind(t, s.RemoveTeam(ctx, "web", start), tollgate.Conflict)
	_, err = s.RemoveDeveloper(ctx, ada.Email, start)
	must(t, err)
	must(t, s.RemoveTeam(ctx, "web", start))
	_, err = s.Developer(ctx, ada.Email)
	wantKind(t, err, tollgate.NotFound)
	_, err = s.RemoveDeveloper(ctx, ada.Email, start)
	wantKind(t, err, tollgate.NotFound)
}

func testDeveloperComesBack(t *testing.T, s *store.Store) {
	ctx := t.Context()
	must(t, s.CreateDeveloper(ctx, tollgate.Developer{Email: "ada@example.com"}))
	older, newer := key("old", "ada@example.com"), key("new", "ada@example.com")
	older.RevokedAt = start
	create(t, s, older)
	create(t, s, newer)

	leaves := start.Add(time.Hour)
	revoked, err := s.RemoveDeveloper(ctx, "ada@example.com", leaves)
	must(t, err)
	newer.RevokedAt = leaves
	want(t, "revoked keys", revoked, []tollgate.Key{newer})
	wantKind(t, createError(s, key("more", "ada@example.com")), tollgate.NotFound)

	must(t, s.CreateDeveloper(ctx, tollgate.Developer{Email: "ada@example.com", Name: "Ada again"}))
	keys, err := s.Keys(ctx, tollgate.KeyFilter{Developer: "ada@example.com"})
	must(t, err)
	want(t, "keys of one who came back", keys, []tollgate.Key{newer, older})
	create(t, s, key("more", "ada@example.com"))
}

func testService(t *testing.T, s *store.Store) {
	ctx := t.Context()
	ci := tollgate.Key{ID: "k1", Service: "ci", Team: "web", CreatedAt: start}
	wantKind(t, createError(s, ci), tollgate.NotFound)
	_, err := s.Service(ctx, "ci")
	wantKind(t, err, tollgate.NotFound) // the failed key left nothing behind

	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "web"}))
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "apps"}))
	create(t, s, ci)
	service, err := s.Service(ctx, "ci")
	must(t, err)
	want(t, "service", service, tollgate.Service{Name: "ci", Team: "web"})

	create(t, s, tollgate.Key{ID: "k2", Service: "ci", CreatedAt: start})
	second, err := s.Key(ctx, "k2")
	must(t, err)
	want(t, "team of the second key", second.Team, "web")
	wantKind(t, createError(s, tollgate.Key{ID: "k3", Service: "ci", Team: "apps", CreatedAt: start}), tollgate.Conflict)

	wantKind(t, s.RemoveTeam(ctx, "web", start), tollgate.Conflict)
	create(t, s, tollgate.Key{ID: "k4", Service: "bot", CreatedAt: start})
	services, err := s.Services(ctx)
	must(t, err)
	want(t, "services", services, []tollgate.Service{{Name: "bot"}, {Name: "ci", Team: "web"}})
}

// A service is no reason to keep a team; its keys are, while they open.
func testServiceOutlivesItsTeam(t *testing.T, s *store.Store) {
	ctx := t.Context()
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "web"}))
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "apps"}))
	create(t, s, tollgate.Key{ID: "k1", Service: "ci", Team: "web", CreatedAt: start})
	create(t, s, tollgate.Key{ID: "k2", Service: "ci", CreatedAt: start, ExpiresAt: start.Add(time.Hour)})
	_, err := s.UpdateKey(ctx, "k1", func(k *tollgate.Key) error { k.RevokedAt = start; return nil })
	must(t, err)
	wantKind(t, s.RemoveTeam(ctx, "web", start.Add(time.Hour-time.Second)), tollgate.Conflict)
	must(t, s.RemoveTeam(ctx, "web", start.Add(time.Hour)))

	service, err := s.Service(ctx, "ci")
	must(t, err)
	want(t, "service without its team", service, tollgate.Service{Name: "ci"})
	create(t, s, tollgate.Key{ID: "k3", Service: "ci", Team: "apps", CreatedAt: start})
	service, err = s.Service(ctx, "ci")
	must(t, err)
	want(t, "service in another team", service, tollgate.Service{Name: "ci", Team: "apps"})
}

// create adds a key, which the store must return as it has it.
func create(t *testing.T, s *store.Store, key tollgate.Key) {
	t.Helper()
	stored, err := s.CreateKey(t.Context(), key)
	must(t, err)
	kept, err := s.Key(t.Context(), key.ID)
	must(t, err)
	want(t, "the key that was returned", stored, kept)
}

// createError is what stands against a key.
func createError(s *store.Store, key tollgate.Key) error {
	_, err := s.CreateKey(context.Background(), key)
	return err
}

// key makes a developer's key in which everything is set.
func key(id, developer string) tollgate.Key {
	return tollgate.Key{
		ID: id, Developer: developer, Label: "laptop", Style: tollgate.JWTKey, Models: []string{"claude-haiku-*", "claude-sonnet-*"},
		CreatedAt: start, ExpiresAt: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), LastUsedAt: start.Add(time.Minute),
		Secrets: []tollgate.KeySecret{
			{Hash: []byte("first of " + id), ExpiresAt: start.Add(24 * time.Hour)},
			{Hash: []byte("a second of " + id)},
		},
	}
}

func testKey(t *testing.T, s *store.Store) {
	ctx := t.Context()
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "web"}))
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "apps"}))
	must(t, s.CreateDeveloper(ctx, tollgate.Developer{Email: "ada@example.com", Team: "web"}))
	whole := key("k1", "ada@example.com")
	create(t, s, whole)
	got, err := s.Key(ctx, "k1")
	must(t, err)
	whole.Team = "web" // the owner's
	want(t, "key", got, whole)

	other := key("k2", "ada@example.com")
	other.Team = "apps"
	create(t, s, other)
	got, err = s.Key(ctx, "k2")
	must(t, err)
	want(t, "key in another team", got, other)
	wantKind(t, s.RemoveTeam(ctx, "apps", start), tollgate.Conflict)

	_, err = s.Key(ctx, "k3")
	wantKind(t, err, tollgate.NotFound)
}

func testKeyRefused(t *testing.T, s *store.Store) {
	ctx := t.Context()
	must(t, s.CreateDeveloper(ctx, tollgate.Developer{Email: "ada@example.com"}))
	create(t, s, key("k1", "ada@example.com"))
	for name, test := range map[string]struct {
		change func(*tollgate.Key)
		kind   tollgate.Kind
	}{
		"same id":         {func(k *tollgate.Key) { k.ID = "k1" }, tollgate.Conflict},
		"same secret":     {func(k *tollgate.Key) { k.Secrets[0].Hash = []byte("first of k1") }, tollgate.Conflict},
		"no id":           {func(k *tollgate.Key) { k.ID = "" }, tollgate.Invalid},
		"no hash":         {func(k *tollgate.Key) { k.Secrets[0].Hash = nil }, tollgate.Invalid},
		"no owner":        {func(k *tollgate.Key) { k.Developer = "" }, tollgate.Invalid},
		"two owners":      {func(k *tollgate.Key) { k.Service = "ci" }, tollgate.Invalid},
		"owner not there": {func(k *tollgate.Key) { k.Developer = "eve@example.com" }, tollgate.NotFound},
		"team not there":  {func(k *tollgate.Key) { k.Team = "web" }, tollgate.NotFound},
	} {
		k := key("k2", "ada@example.com")
		test.change(&k)
		t.Run(name, func(t *testing.T) { wantKind(t, createError(s, k), test.kind) })
	}
	keys, err := s.Keys(ctx, tollgate.KeyFilter{})
	must(t, err)
	want(t, "number of keys", len(keys), 1)
}

func testKeyFilter(t *testing.T, s *store.Store) {
	ctx := t.Context()
	must(t, s.CreateTeam(ctx, tollgate.Team{Name: "web"}))
	must(t, s.CreateDeveloper(ctx, tollgate.Developer{Email: "ada@example.com", Team: "web"}))
	must(t, s.CreateDeveloper(ctx, tollgate.Developer{Email: "bob@example.com"}))
	for i, k := range []tollgate.Key{
		{ID: "z", Developer: "ada@example.com"}, {ID: "a", Developer: "bob@example.com"}, {ID: "m", Service: "ci", Team: "web"},
	} {
		k.CreatedAt = start.Add(time.Duration(i) * time.Second)
		create(t, s, k)
	}
	for _, test := range []struct {
		filter tollgate.KeyFilter
		ids    string
	}{
		{tollgate.KeyFilter{}, "zam"},
		{tollgate.KeyFilter{Developer: "bob@example.com"}, "a"},
		{tollgate.KeyFilter{Service: "ci"}, "m"},
		{tollgate.KeyFilter{Team: "web"}, "zm"},
		{tollgate.KeyFilter{Team: "web", Service: "ci"}, "m"},
		{tollgate.KeyFilter{Team: "nobody"}, ""},
	} {
		keys, err := s.Keys(ctx, test.filter)
		must(t, err)
		ids := ""
		for _, k := range keys {
			ids += k.ID
		}
		want(t, "keys", ids, test.ids)
	}
}

// A key is written as it was when it was made.
func testKeyStyle(t *testing.T, s *store.Store) {
	create(t, s, tollgate.Key{ID: "k1", Service: "ci", Style: tollgate.JWTKey, CreatedAt: start})
	create(t, s, tollgate.Key{ID: "k2", Service: "ci", CreatedAt: start})
	for _, style := range []tollgate.KeyStyle{tollgate.JWTKey, tollgate.OpaqueKey} {
		keys, err := s.Keys(t.Context(), tollgate.KeyFilter{})
		must(t, err)
		want(t, "styles", []tollgate.KeyStyle{keys[0].Style, keys[1].Style}, []tollgate.KeyStyle{tollgate.JWTKey, tollgate.OpaqueKey})
		for _, key := range keys {
			_, err := s.UpdateKey(t.Context(), key.ID, func(k *tollgate.Key) error { k.Style = style; return nil })
			must(t, err)
		}
	}
}

func testUpdateKey(t *testing.T, s *store.Store) {
	ctx := t.Context()
	must(t, s.CreateDeveloper(ctx, tollgate.Developer{Email: "ada@example.com"}))
	before := key("k1", "ada@example.com")
	create(t, s, before)

	refusal := errors.New("no")
	_, err := s.UpdateKey(ctx, "k1", func(k *tollgate.Key) error { k.Label = "desk"; return refusal })
	if !errors.Is(err, refusal) {
		t.Errorf("error is %v, want the one of the change", err)
	}
	got, err := s.Key(ctx, "k1")
	must(t, err)
	want(t, "key after a refused change", got, before)

	after := before
	after.Label, after.Models, after.ExpiresAt, after.RevokedAt = "desk", nil, time.Time{}, start.Add(time.Hour)
	after.Secrets = []tollgate.KeySecret{{Hash: []byte("third")}, before.Secrets[1]}
	returned, err := s.UpdateKey(ctx, "k1", func(k *tollgate.Key) error { *k = after; return nil })
	must(t, err)
	want(t, "key that is returned", returned, after)
	got, err = s.Key(ctx, "k1")
	must(t, err)
	want(t, "key after a change", got, after)

	_, err = s.UpdateKey(ctx, "k2", func(*tollgate.Key) error { return nil })
	wantKind(t, err, tollgate.NotFound)
}

// A process that was killed left rows and not the use of their keys.
func testCatchUpUses(t *testing.T, s *store.Store) {
	ctx := t.Context()
	must(t, s.CatchUpUses(ctx)) // nothing is there
	for _, id := range []string{"k1", "k2", "k3"} {
		create(t, s, tollgate.Key{ID: id, Service: "ci", CreatedAt: start})
	}
	must(t, s.TouchKeys(ctx, map[string]time.Time{"k1": start.Add(time.Hour)}))
	for at, key := range map[time.Duration]string{time.Hour: "k1", 61 * time.Minute: "k2", 62 * time.Minute: "k2", 50 * time.Minute: "k3", 63 * time.Minute: "nobody"} {
		x := exchange(start.Add(at))
		x.Key = key
		must(t, s.Append(ctx, []*tollgate.Exchange{x}))
	}
	for range 2 {
		must(t, s.CatchUpUses(ctx))
	}
	for id, used := range map[string]time.Time{
		"k1": start.Add(time.Hour), "k2": start.Add(62 * time.Minute),
		"k3": {}, // its row is older than the last use that was stored: somebody took the use away
	} {
		got, err := s.Key(ctx, id)
		must(t, err)
		want(t, "last use of "+id, got.LastUsedAt, used)
	}
}

func testTouchKeys(t *testing.T, s *store.Store) {
	ctx := t.Context()
	create(t, s, tollgate.Key{ID: "k1", Service: "ci", CreatedAt: start})
	for _, at := range []time.Time{start.Add(time.Hour), start, {}} {
		must(t, s.TouchKeys(ctx, map[string]time.Time{"k1": at, "nobody": at}))
	}
	must(t, s.TouchKeys(ctx, nil))
	got, err := s.Key(ctx, "k1")
	must(t, err)
	want(t, "last use", got.LastUsedAt, start.Add(time.Hour))
}
