package tollgate

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestEveryKindHasItsLine(t *testing.T) {
	names := map[string]bool{"": true}
	for kind := Internal; kind <= ClientGone; kind++ {
		if kind.Status() < 400 || kind.WireType() == "" || names[kind.String()] {
			t.Errorf("kind %d: status %d, type %q, name %q", kind, kind.Status(), kind.WireType(), kind)
		}
		names[kind.String()] = true
	}
	if len(Kinds()) != len(names)-1 {
		t.Errorf("Kinds has %v", Kinds())
	}
}

func TestAsErrorTellsStrangersNothing(t *testing.T) {
	cause := errors.New("open /var/lib/secret: permission denied")
	err := AsError(fmt.Errorf("while reading: %w", cause))
	if err.Kind != Internal || strings.Contains(err.Message, "secret") || !errors.Is(err, cause) {
		t.Errorf("%+v", err)
	}
	known := Errorf(NotFound, "no team %q", "core")
	if got := AsError(fmt.Errorf("wrapped: %w", known)); got != known || !IsKind(got, NotFound) || IsKind(got, Conflict) {
		t.Errorf("%+v", got)
	}
	if with := known.Because(cause); known.Cause != nil || !strings.Contains(with.Error(), "permission denied") {
		t.Errorf("%v / %v", known, with)
	}
}
