package store_test

import (
	"slices"
	"testing"

	"tollgate"
)

// backlog is what a sink has not got.
func (a *auditedStore) backlog(t *testing.T, sink string) []tollgate.AuditBacklog {
	t.Helper()
	found, err := a.SinkBacklog(t.Context(), sink)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (a *auditedStore) begin(t *testing.T, sink string, fromNow bool) {
	t.Helper()
	if err := a.BeginSink(t.Context(), sink, fromNow); err != nil {
		t.Fatal(err)
	}
}

func (a *auditedStore) waiting(t *testing.T, sink string) int {
	t.Helper()
	found, err := a.SinkCheckpoints(t.Context(), sink)
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func TestSinkCursors(t *testing.T) {
	a := newAudited(t)
	first := a.Chain()
	a.append(t, 5)
	a.checkpoint(t)
	a.begin(t, "all", false)
	a.begin(t, "new", true)
	a.append(t, 2)
	a.Close()
	a.open(t)
	a.append(t, 1)
	a.checkpoint(t)
	second := a.Chain()

	a.begin(t, "all", true) // it has begun: nothing changes
	a.begin(t, "new", false)
	if got := a.backlog(t, "all"); !slices.Equal(got, []tollgate.AuditBacklog{{Chain: first, Length: 7}, {Chain: second, Length: 1}}) || a.waiting(t, "all") != 2 {
		t.Errorf("%+v", got)
	}
	if got := a.backlog(t, "new"); !slices.Equal(got, []tollgate.AuditBacklog{{Chain: first, Through: 5, Length: 7}, {Chain: second, Length: 1}}) || a.waiting(t, "new") != 1 {
		t.Errorf("%+v", got)
	}
	if a.waiting(t, "stranger") != 0 {
		t.Error("a sink that has not begun waits for nothing")
	}

	for _, move := range []struct {
		from, to int64
		fails    bool
	}{{0, 4, false}, {0, 6, true}, {3, 6, true}, {4, 6, false}, {4, 5, true}, {6, 7, false}} {
		err := a.MoveSink(t.Context(), "all", first, move.from, move.to)
		if tollgate.IsKind(err, tollgate.Conflict) != move.fails || err != nil && !move.fails {
			t.Errorf("from %d to %d: %v", move.from, move.to, err)
		}
	}
	if got := a.backlog(t, "all"); !slices.Equal(got, []tollgate.AuditBacklog{{Chain: second, Length: 1}}) {
		t.Errorf("%+v", got)
	}
}

func TestSinkCheckpointCursor(t *testing.T) {
	a := newAudited(t)
	a.begin(t, "all", false)
	var sizes []int64
	for range 3 {
		a.append(t, 1)
		a.checkpoint(t)
	}
	found, err := a.SinkCheckpoints(t.Context(), "all")
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range found {
		sizes = append(sizes, each.Size)
		if err := a.MoveSinkCheckpoint(t.Context(), "all", each.Size); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(sizes, []int64{1, 2, 3}) || a.waiting(t, "all") != 0 {
		t.Errorf("%v", sizes)
	}
	if err := a.MoveSinkCheckpoint(t.Context(), "all", 2); !tollgate.IsKind(err, tollgate.Conflict) {
		t.Errorf("the cursor went back: %v", err)
	}
}

func TestSinkRecords(t *testing.T) {
	a := newAudited(t)
	a.append(t, 9)
	found, err := a.SinkRecords(t.Context(), a.Chain(), 2, 8, 4)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int64
	for _, each := range found {
		numbers = append(numbers, each.Number)
		if each.Chain != a.Chain() || len(each.Line) == 0 {
			t.Errorf("%+v", each)
		}
	}
	if !slices.Equal(numbers, []int64{3, 4, 5, 6}) {
		t.Errorf("%v", numbers)
	}
	if found, err := a.SinkRecords(t.Context(), a.Chain(), 8, 8, 4); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
}

func TestSinksBehind(t *testing.T) {
	a := newAudited(t)
	a.append(t, 5)
	for _, each := range []string{"a", "b", "removed"} {
		a.begin(t, each, false)
	}
	a.begin(t, "new", true)
	if err := a.MoveSink(t.Context(), "a", a.Chain(), 0, 4); err != nil {
		t.Fatal(err)
	}
	for through, want := range map[int64][]string{0: nil, 1: {"b"}, 4: {"b"}, 5: {"a", "b"}, 6: {"a", "b", "new"}} {
		got, err := a.SinksBehind(t.Context(), []string{"new", "b", "a", "not-begun"}, a.Chain(), through)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("up to %d: %q %v", through, got, err)
		}
	}
	if got, err := a.SinksBehind(t.Context(), nil, a.Chain(), 5); err != nil || len(got) != 0 {
		t.Errorf("%q %v", got, err)
	}
}
