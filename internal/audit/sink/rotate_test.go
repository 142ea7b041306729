package sink_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/audit/sink"
	"tollgate/internal/audit/sink/sinktest"
)

// clock is a time that the test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func fileSink(path string, c *clock, more sink.Config) sink.Sink {
	more.Name, more.Kind, more.Path = "file", "jsonl", path
	s := around()
	s.Now = c.now
	return sink.Open(more, s)
}

func filesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range entries {
		names = append(names, each.Name())
	}
	return names
}

func mustDeliver(t *testing.T, s sink.Sink, batches ...sink.Batch) {
	t.Helper()
	for _, each := range batches {
		if err := s.Deliver(t.Context(), each); err != nil {
			t.Fatal(err)
		}
	}
}

// The records of sinktest are of eight o'clock.
func eight() *clock { return &clock{time.Date(2026, 11, 24, 8, 0, 1, 0, time.UTC)} }

func TestRotationBySize(t *testing.T) {
	folder, c := t.TempDir(), eight()
	one := sinktest.Batch("chn_a", 1, 1)
	room := tollgate.ByteSize(2*len(one.JSONLines()) + 10)
	s := fileSink(filepath.Join(folder, "audit.jsonl"), c, sink.Config{MaxBytes: room})
	var want []string
	for i := int64(1); i <= 5; i++ {
		batch := sinktest.Batch("chn_a", i, i)
		mustDeliver(t, s, batch)
		want = append(want, string(batch.Lines[0]))
		c.at = c.at.Add(time.Second)
	}
	names := filesIn(t, folder)
	if !slices.Equal(names, []string{"audit-20261124T080003.000000Z.jsonl", "audit-20261124T080005.000000Z.jsonl", "audit.jsonl"}) {
		t.Fatalf("%q", names)
	}
	var got []string
	for _, name := range names {
		got = append(got, linesOf(t, readFile(t, filepath.Join(folder, name)))...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A batch that is larger than a file has a file of its own.
func TestRotationOfOneLargeBatch(t *testing.T) {
	folder, c := t.TempDir(), eight()
	s := fileSink(filepath.Join(folder, "audit"), c, sink.Config{MaxBytes: 10})
	mustDeliver(t, s, sinktest.Batch("chn_a", 1, 3))
	c.at = c.at.Add(time.Second)
	mustDeliver(t, s, sinktest.Batch("chn_a", 4, 4))
	if names := filesIn(t, folder); !slices.Equal(names, []string{"audit", "audit-20261124T080002.000000Z"}) {
		t.Errorf("%q", names)
	}
}

func TestRotationByAge(t *testing.T) {
	folder, c := t.TempDir(), eight()
	path := filepath.Join(folder, "audit.jsonl")
	mustDeliver(t, fileSink(path, c, sink.Config{}), sinktest.Batch("chn_a", 1, 1))
	c.at = c.at.Add(23 * time.Hour)
	mustDeliver(t, fileSink(path, c, sink.Config{}), sinktest.Batch("chn_a", 2, 2)) // of another process
	if names := filesIn(t, folder); len(names) != 1 {
		t.Fatalf("%q", names)
	}
	c.at = c.at.Add(time.Hour)
	mustDeliver(t, fileSink(path, c, sink.Config{}), sinktest.Batch("chn_a", 3, 3))
	if names := filesIn(t, folder); len(names) != 2 || len(linesOf(t, readFile(t, path))) != 1 {
		t.Errorf("%q", names)
	}
}

// Only as many full files stay as are to, and nothing else goes.
func TestRotationKeeps(t *testing.T) {
	folder, c := t.TempDir(), eight()
	for _, name := range []string{"audit-notes.jsonl", "audit-20261124T080002.000000Z.jsonl.gz"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := fileSink(filepath.Join(folder, "audit.jsonl"), c, sink.Config{MaxBytes: 10, Keep: 2})
	for i := range int64(6) {
		mustDeliver(t, s, sinktest.Batch("chn_a", i+1, i+1))
		c.at = c.at.Add(time.Second)
	}
	want := []string{"audit-20261124T080002.000000Z.jsonl.gz", "audit-20261124T080005.000000Z.jsonl", "audit-20261124T080006.000000Z.jsonl", "audit-notes.jsonl", "audit.jsonl"}
	if names := filesIn(t, folder); !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

// A full file is never overwritten.
func TestRotationOverwritesNothing(t *testing.T) {
	folder, c := t.TempDir(), eight()
	there := filepath.Join(folder, "audit-20261124T080001.000000Z.jsonl")
	if err := os.WriteFile(there, []byte("evidence\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := fileSink(filepath.Join(folder, "audit.jsonl"), c, sink.Config{MaxBytes: 10})
	mustDeliver(t, s, sinktest.Batch("chn_a", 1, 1))
	if err := s.Deliver(t.Context(), sinktest.Batch("chn_a", 2, 2)); err == nil {
		t.Error("the file had to be moved to where another is")
	}
	if text := readFile(t, there); string(text) != "evidence\n" {
		t.Errorf("%q", text)
	}
	c.at = c.at.Add(time.Microsecond)
	mustDeliver(t, s, sinktest.Batch("chn_a", 2, 2))
}

// A line that a dead process did not end is cut off: it is delivered again.
func TestTornFile(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for before, want := range map[string]string{
		"":                        "",
		"{\"v\":1}\n{\"v\"":       "{\"v\":1}\n",
		"{\"v\"":                  "",
		"{\"v\":1}\n{\"" + long:   "{\"v\":1}\n",
		"{\"" + long + "\":1}\n":  "{\"" + long + "\":1}\n",
		long:                      "",
		"{\"v\":1}\n{\"v\":2}\n":  "{\"v\":1}\n{\"v\":2}\n",
		"{\"v\":1}\n\n{\"v\":2}x": "{\"v\":1}\n\n",
	} {
		path := filepath.Join(t.TempDir(), "audit.jsonl")
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		batch := sinktest.Batch("chn_a", 1, 1)
		mustDeliver(t, fileSink(path, &clock{time.Now()}, sink.Config{MaxAge: 100 * 365 * 24 * time.Hour}), batch)
		if got := string(readFile(t, path)); got != want+string(batch.JSONLines()) {
			t.Errorf("of %.40q became %.80q", before, got)
		}
	}
}

func TestTimeOf(t *testing.T) {
	batch := sinktest.Batch("chn_a", 5, 5)
	if at := sink.TimeOf(batch.Lines[0]); !at.Equal(time.Date(2026, 11, 24, 8, 0, 0, 4000, time.UTC)) {
		t.Error(at)
	}
	for _, line := range []string{"", "{}", `{"a":1,"time":"`, `{"a":1,"time":"yesterday"}`, `{"a":1,"time":"` + strings.Repeat("2", 100)} {
		if at := sink.TimeOf([]byte(line)); !at.IsZero() {
			t.Errorf("%s is of %s", line, at)
		}
	}
}

func FuzzTimeOf(f *testing.F) {
	f.Add([]byte(`{"v":1,"time":"2026-11-24T08:00:00.000000Z","action":"x"}`))
	f.Add([]byte(`,"time":"`))
	f.Fuzz(func(_ *testing.T, line []byte) { sink.TimeOf(line) })
}
