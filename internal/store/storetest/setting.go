package storetest

import (
	"testing"

	"tollgate"
	"tollgate/internal/store"
)

func testTimeZone(t *testing.T, s *store.Store) {
	for _, name := range []string{"", "Europe/Berlin", "UTC"} {
		if name != "" {
			must(t, s.SetTimeZone(t.Context(), name))
		}
		noted, err := s.TimeZone(t.Context())
		must(t, err)
		want(t, "time zone", noted, name)
	}
}

func testCheckPepper(t *testing.T, s *store.Store) {
	ctx := t.Context()
	must(t, s.CheckPepper(ctx, []byte("first")))
	must(t, s.CheckPepper(ctx, []byte("second"))) // while no key needs the first
	create(t, s, tollgate.Key{ID: "k1", Service: "ci", CreatedAt: start})
	must(t, s.CheckPepper(ctx, []byte("second")))
	wantKind(t, s.CheckPepper(ctx, []byte("first")), tollgate.Conflict)
	must(t, s.CheckPepper(ctx, []byte("second")))
}
