package tollgate

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestKeyString(t *testing.T) {
	id := NewKeyID()
	key := NewKeyString(id)
	if len(id) != 12 || len(key) != len("tgk_")+12+1+43 || !strings.HasPrefix(key, "tgk_"+id+"_") {
		t.Fatalf("id %q, key of %d characters", id, len(key))
	}
	if got, ok := KeyIDOf(key); !ok || got != id {
		t.Errorf("KeyIDOf = %q, %v", got, ok)
	}
	if NewKeyString(id) == key {
		t.Error("two secrets are the same")
	}
}

func TestKeyCheckSeesEveryMistake(t *testing.T) {
	key := NewKeyString("abcdefghijkl")
	for i := len("tgk_"); i < len(key); i++ {
		other := byte('A')
		if key[i] == other {
			other = 'B'
		}
		if _, ok := KeyIDOf(key[:i] + string(other) + key[i+1:]); ok {
			t.Errorf("a wrong character at %d passes", i)
		}
	}
	for _, text := range []string{"", "tgk_", key[:len(key)-1], key + "A", " " + key, strings.ToUpper(key), "sk-ant-api03-x"} {
		if _, ok := KeyIDOf(text); ok {
			t.Errorf("%q passes", text)
		}
	}
}

func TestHideKeys(t *testing.T) {
	key := NewKeyString("abcdefghijkl")
	for text, want := range map[string]string{
		"":                         "",
		"claude-opus-5-5":          "claude-opus-5-5",
		key:                        "tgk_abcdefghijkl_[redacted]",
		"two: " + key + "," + key:  "two: tgk_abcdefghijkl_[redacted],tgk_abcdefghijkl_[redacted]",
		"cut: " + key[:30] + "…":   "cut: tgk_abcdefghijkl_[redacted]…",
		"no secret: tgk_abcdefghi": "no secret: tgk_abcdefghi",
	} {
		if got := HideKeys(text); got != want {
			t.Errorf("HideKeys(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzKeyIDOf(f *testing.F) {
	f.Add(NewKeyString(NewKeyID()))
	f.Fuzz(func(t *testing.T, text string) {
		if id, ok := KeyIDOf(text); ok && (len(id) != 12 || !LooksLikeKey(text)) {
			t.Fatalf("%q has id %q", text, id)
		}
	})
}

func TestRequestIDsSortByTime(t *testing.T) {
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	var ids []string
	for i := range 200 {
		ids = append(ids, NewRequestID(at.Add(time.Duration(i)*time.Microsecond)))
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != 200 {
		t.Errorf("not in order: %v", ids[:3])
	}
	for text, is := range map[string]bool{ids[0]: true, FirstRequestID(at): true, ids[0] + "0": false, ids[0][4:]: false, "req_": false, "": false, "req_nonsense": false} {
		if IsRequestID(text) != is {
			t.Errorf("IsRequestID(%q) = %v", text, !is)
		}
	}
	if first, second := NewRequestID(at), NewRequestID(at); first == second {
		t.Error("not unique")
	}
}
