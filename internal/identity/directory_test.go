package identity

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tollgate"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// holder makes a directory whose clock can be turned, and one key in it.
func holder(t *testing.T) (d *Directory, key string, record tollgate.Key, turn func(time.Duration)) {
	t.Helper()
	now := start
	d = New([]byte("pepper"), func() time.Time { return now })
	id := tollgate.NewKeyID()
	key = tollgate.NewKeyString(id)
	record = tollgate.Key{ID: id, Developer: "ann@example.com", Team: "core", Secrets: []tollgate.KeySecret{{Hash: d.Hash(key)}}}
	d.Put(record)
	return d, key, record, func(by time.Duration) { now = now.Add(by) }
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestIdentify(t *testing.T) {
	d, key, _, _ := holder(t)
	other := tollgate.NewKeyString(tollgate.NewKeyID())
	jwt, otherJWT := tollgate.JWTKey.Write(key), tollgate.JWTKey.Write(other)
	for name, test := range map[string]struct {
		header http.Header
		want   error
	}{
		"JWT as bearer":                 {header("Authorization", "Bearer "+jwt), nil},
		"JWT as x-api-key":              {header("X-Api-Key", jwt), nil},
		"JWT in both":                   {header("Authorization", "Bearer "+jwt, "X-Api-Key", jwt), nil},
		"one key in two styles":         {header("Authorization", "Bearer "+jwt, "X-Api-Key", key), nil},
		"one key in two styles, turned": {header("Authorization", "Bearer "+key, "X-Api-Key", jwt), nil},
		"a foreign JWT beside it":       {header("Authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln", "X-Api-Key", jwt), nil},
		"JWT and another key":           {header("Authorization", "Bearer "+jwt, "X-Api-Key", other), errTwoKeys},
		"JWT never issued":              {header("X-Api-Key", otherJWT), ErrBadKey},
		"JWT cut":                       {header("X-Api-Key", jwt[:len(jwt)-1]), errMistyped},
		"JWT with another head":         {header("X-Api-Key", "e30.e30."+key), errMistyped},
		"JWT without its head's start":  {header("X-Api-Key", jwt[5:]), errMistyped},
		"bearer":                        {header("Authorization", "Bearer "+key), nil},
		"bearer in another case":        {header("Authorization", "bearer "+key), nil},
		"x-api-key":                     {header("X-Api-Key", key), nil},
		"the same in both":              {header("Authorization", "Bearer "+key, "X-Api-Key", key), nil},
		"a foreign key beside it":       {header("Authorization", "Bearer "+key, "X-Api-Key", "sk-ant-api03-foreign"), nil},
		"a foreign bearer beside it":    {header("Authorization", "Bearer sk-ant-oat01-x", "X-Api-Key", key), nil},
		"two gateway keys":              {header("Authorization", "Bearer "+key, "X-Api-Key", other), errTwoKeys},
		"two gateway keys in one place": {header("X-Api-Key", key, "X-Api-Key", other), errTwoKeys},
		"nothing":                       {header(), errNoKey},
		"an empty bearer":               {header("Authorization", "Bearer "), errNoKey},
		"basic":                         {header("Authorization", "Basic "+key), errNoKey},
		"only a foreign key":            {header("X-Api-Key", "sk-ant-api03-foreign"), errNoKey},
		"cut":                           {header("X-Api-Key", key[:len(key)-1]), errMistyped},
		"one letter off":                {header("X-Api-Key", key[:20]+swap(key[20])+key[21:]), errMistyped},
		"never issued":                  {header("X-Api-Key", other), ErrBadKey},
		"right id, other secret":        {header("X-Api-Key", tollgate.NewKeyString(key[4:16])), ErrBadKey},
	} {
		who, err := d.Identify(test.header)
		if err != test.want {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if err == nil && (who.Developer != "ann@example.com" || who.Team != "core") {
			t.Errorf("%s: taken for %+v", name, who)
		}
		if sent := strings.Contains(fmt.Sprint(test.header), jwt); err == nil && sent != (who.Style == tollgate.JWTKey) {
			t.Errorf("%s: taken for the style %s", name, who.Style)
		}
	}
}

func swap(b byte) string {
	if b == 'A' {
		return "B"
	}
	return "A"
}

func TestLifeOfAKey(t *testing.T) {
	d, first, record, turn := holder(t)
	check := func(when, key string, want error) {
		t.Helper()
		if _, err := d.Identify(header("X-Api-Key", key)); err != want {
			t.Errorf("%s: %v, want %v", when, err, want)
		}
	}
	second := tollgate.NewKeyString(record.ID)
	record.Secrets[0].ExpiresAt = start.Add(time.Hour)
	record.Secrets = append(record.Secrets, tollgate.KeySecret{Hash: d.Hash(second)})
	d.Put(record)
	check("in grace, old", first, nil)
	check("in grace, new", second, nil)
	turn(time.Hour)
	check("after grace, old", first, ErrBadKey)
	check("after grace, new", second, nil)

	record.ExpiresAt = start.Add(2 * time.Hour)
	d.Put(record)
	check("before expiry", second, nil)
	turn(time.Hour)
	check("at expiry", second, ErrBadKey)

	record.ExpiresAt, record.RevokedAt = time.Time{}, start
	d.Put(record)
	check("revoked", second, ErrBadKey)
}

func TestLastUsedSurvivesAChange(t *testing.T) {
	d, key, record, _ := holder(t)
	if !d.LastUsed(record.ID).IsZero() {
		t.Fatal("used before it was")
	}
	if _, err := d.Identify(header("X-Api-Key", key)); err != nil {
		t.Fatal(err)
	}
	d.Put(record)
	if got := d.LastUsed(record.ID); !got.Equal(start) {
		t.Errorf("last used %v, want %v", got, start)
	}
	if used := d.TakeUsed(); !used[record.ID].Equal(start) || len(d.TakeUsed()) != 0 {
		t.Errorf("taken %v, and must be taken once", used)
	}
	if _, _ = d.Identify(header("X-Api-Key", key)); len(d.TakeUsed()) != 1 {
		t.Error("a use after the taking is not listed again")
	}
}

// TestLoadKeepsWhatIsKnown of keys that stay: when they were used, and that they
// were revoked, which the register may not know yet. Others are gone.
func TestLoadKeepsWhatIsKnown(t *testing.T) {
	d, key, record, _ := holder(t)
	if _, err := d.Identify(header("X-Api-Key", key)); err != nil {
		t.Fatal(err)
	}
	d.Load([]tollgate.Key{record})
	if used := d.LastUsed(record.ID); !used.Equal(start) {
		t.Errorf("it was used at %s", used)
	}
	d.Revoke(func(tollgate.Key) bool { return true }, start)
	d.Load([]tollgate.Key{record})
	if _, err := d.Identify(header("X-Api-Key", key)); err == nil {
		t.Error("a revoked key opens again")
	}
	d.Load(nil)
	if used := d.LastUsed(record.ID); !used.IsZero() {
		t.Error("a key that is gone is known")
	}
}

func TestRefusalsNeverNameAKey(t *testing.T) {
	for _, err := range []*tollgate.Error{errNoKey, errMistyped, errTwoKeys, ErrBadKey} {
		if err.Kind != tollgate.Unauthenticated || strings.Contains(err.Message, "%") || err.Cause != nil {
			t.Errorf("%+v", err)
		}
	}
}

func TestChangesWhileRequestsArrive(t *testing.T) {
	d, key, record, _ := holder(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 200 {
				if _, err := d.Identify(header("X-Api-Key", key)); err != nil {
					t.Error(err)
				}
				d.TakeUsed()
			}
		})
	}
	for range 200 {
		d.Put(record)
		d.Put(tollgate.Key{ID: tollgate.NewKeyID()})
	}
	group.Wait()
}

func BenchmarkIdentify(b *testing.B) {
	d := New([]byte("pepper"), time.Now)
	id := tollgate.NewKeyID()
	key := tollgate.NewKeyString(id)
	d.Put(tollgate.Key{ID: id, Secrets: []tollgate.KeySecret{{Hash: d.Hash(key)}}})
	h := header("Authorization", "Bearer "+key)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Identify(h); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRevokedStaysRevoked also when the key comes once more as it was before.
func TestRevokedStaysRevoked(t *testing.T) {
	d, key, record, _ := holder(t)
	other := record
	other.ID, other.Developer = tollgate.NewKeyID(), "bob@example.com"
	d.Put(other)
	ann := func(k tollgate.Key) bool { return k.Developer == "ann@example.com" }

	revoked := d.Revoke(ann, start)
	if len(revoked) != 1 || revoked[0].ID != record.ID || !revoked[0].RevokedAt.Equal(start) {
		t.Errorf("revoked %+v, want the key of ann", revoked)
	}
	if again := d.Revoke(ann, start.Add(time.Hour)); len(again) != 0 {
		t.Errorf("revoked twice: %+v", again)
	}
	d.Put(record)
	if _, err := d.Identify(header("X-Api-Key", key)); err != ErrBadKey {
		t.Errorf("the key came once more, and opens: %v", err)
	}
}
