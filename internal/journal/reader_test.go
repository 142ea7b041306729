package journal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// records makes a segment of closed requests with these ids.
func records(ids ...string) (whole []byte, starts []int) {
	for i, id := range ids {
		one := appendExchange(begin(nil, closed), request(id))
		seal(one, uint64(i+1))
		starts = append(starts, len(whole))
		whole = append(whole, one...)
	}
	return whole, append(starts, len(whole))
}

// readAll returns the ids of what can be read.
func readAll(t testing.TB, segment []byte) (ids []string, damage []stretch) {
	t.Helper()
	r := &reader{from: bytes.NewReader(segment), end: int64(len(segment))}
	for one, ok := r.next(); ok; one, ok = r.next() {
		id, ok := identity(one.body)
		if !ok {
			t.Fatalf("a record without an id: %q", one.body)
		}
		ids = append(ids, id)
	}
	return ids, r.damage
}

// TestReader_Damage: one bit turned anywhere costs the record that it is in,
// which is reported, and no other.
func TestReader_Damage(t *testing.T) {
	ids := names("r", 5)
	whole, starts := records(ids...)
	for at := range whole {
		for _, bit := range []byte{1, 0x80} {
			whole[at] ^= bit
			hit, _ := slices.BinarySearch(starts, at+1)
			hit--
			got, damage := readAll(t, whole)
			want := slices.Delete(slices.Clone(ids), hit, hit+1)
			if !slices.Equal(got, want) {
				t.Fatalf("bit %d of byte %d in record %d: read %q", bit, at, hit, got)
			}
			if len(damage) != 1 || damage[0].from != int64(starts[hit]) || damage[0].to != int64(starts[hit+1]) {
				t.Fatalf("bit %d of byte %d in record %d from %d to %d: %+v", bit, at, hit, starts[hit], starts[hit+1], damage)
			}
			whole[at] ^= bit
		}
	}
}

// TestReader_Torn: a segment that ends anywhere in its last record has all the
// others, and is said to be torn, not damaged.
func TestReader_Torn(t *testing.T) {
	ids := names("r", 3)
	whole, starts := records(ids...)
	for end := starts[2]; end < len(whole); end++ {
		got, damage := readAll(t, whole[:end])
		if !slices.Equal(got, ids[:2]) {
			t.Fatalf("cut at %d: %q", end, got)
		}
		if torn := end > starts[2]; torn != (len(damage) == 1 && damage[0].torn) || !torn && damage != nil {
			t.Fatalf("cut at %d: %+v", end, damage)
		}
	}
}

// TestReader_LargerThanItReadsAhead goes over records of every size, also such
// as lie across the bounds of what is read at once.
func TestReader_LargerThanItReadsAhead(t *testing.T) {
	var segment []byte
	var want []string
	for i := range 60 {
		x := request(fmt.Sprint("r", i))
		x.Error = strings.Repeat("tgj", rand.N(60_000))
		one := appendExchange(begin(nil, closed), x)
		seal(one, uint64(i+1))
		segment, want = append(segment, one...), append(want, x.ID)
	}
	got, damage := readAll(t, segment)
	if !slices.Equal(got, want) || damage != nil {
		t.Errorf("%d of %d; %+v", len(got), len(want), damage)
	}
}

// FuzzReader reads anything without a fault, finds every byte to be either in
// a record or in a damaged stretch, and whatever garbage stands before, between
// and behind them, the records that are there.
func FuzzReader(f *testing.F) {
	whole, _ := records("a", "b")
	f.Add(whole, []byte{}, []byte{})
	f.Add([]byte{}, mark, whole[:30])
	f.Add(whole[:len(whole)-1], whole[:headBytes], mark[:3])
	f.Fuzz(func(t *testing.T, before, between, behind []byte) {
		one := appendExchange(begin(nil, closed), request("there"))
		seal(one, 7)
		segment := slices.Concat(before, one, between, one, behind)
		r := &reader{from: bytes.NewReader(segment), end: int64(len(segment))}
		accounted, found := int64(0), 0
		for read, ok := r.next(); ok; read, ok = r.next() {
			if id, _ := identity(read.body); id == "there" {
				found++
			}
			accounted += int64(headBytes + 1 + len(read.body))
			_, _ = readExchange(read.body)
		}
		for _, damage := range r.damage {
			accounted += damage.to - damage.from
		}
		if accounted != int64(len(segment)) {
			t.Errorf("%d of %d bytes are accounted for", accounted, len(segment))
		}
		if found < 2 && !swallows(before) && !swallows(slices.Concat(before, one, between)) {
			t.Errorf("found %d of 2", found)
		}
	})
}

// swallows says whether garbage could be a record that the next bytes are a
// part of: a mark stands in it.
func swallows(garbage []byte) bool { return bytes.Contains(garbage, mark) }

func FuzzExchange(f *testing.F) {
	f.Add(appendExchange(nil, request("a")))
	f.Add([]byte{0xff, 0xff, 0xff})
	f.Add([]byte{0x10, 0x00}) // a zero that nobody writes
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := readExchange(b)
		if err != nil {
			return
		}
		again, err := readExchange(appendExchange(nil, x))
		if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", x) {
			t.Errorf("%v\n%+v\n%+v", err, x, again)
		}
	})
}

// TestPromise2_DamageIsReported: a bit that has turned in what a dead process
// left costs at most the settlement of one request, is told, and the segment
// is kept.
func TestPromise2_DamageIsReported(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway)
	j := w.open(t)
	ids := names("r", 9)
	mustBegin(t, j, ids...)
	for _, id := range ids {
		j.End(request(id))
	}
	kill(j)
	w.ledger.setAway(nil)
	path := filepath.Join(j.folder.path, "00000001.seg")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[bytes.LastIndex(text, []byte("r0004"))+9] ^= 4 // in its closed record
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	next := w.open(t)
	mustFlush(t, next)
	sameIDs(t, w, ids...)
	for _, id := range ids {
		if x := w.ledger.row(id); x.Interrupted != (id == "r0004") {
			t.Errorf("%+v", x)
		}
	}
	if s := next.Stats(); s.Damaged == 0 {
		t.Errorf("%+v", s)
	}
	mustStop(t, next)
	kept, err := filepath.Glob(filepath.Join(w.path, quarantineName, "*-00000001.seg"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("in quarantine: %q, %v", kept, err)
	}
	if same, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(same, text) {
		t.Error("the segment in quarantine is another")
	}
	if log := w.log.String(); !strings.Contains(log, "a part of the journal is damaged") || !strings.Contains(log, "records are missing") {
		t.Error(log)
	}
}

// TestPromise2_DamageUnderWay is the same while the process lives.
func TestPromise2_DamageUnderWay(t *testing.T) {
	w := newWorld(t)
	w.ledger.setAway(errAway)
	j := w.open(t)
	for _, id := range names("r", 9) {
		j.End(request(id))
	}
	path := filepath.Join(j.folder.path, "00000001.seg")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at := int64(bytes.Index(text, []byte("r0008")))
	if _, err := f.WriteAt([]byte("x"), at); err != nil {
		t.Fatal(err)
	}
	// The feeder has read the first batch by now and cannot store it; what it
	// has not read is damaged. Either way the others arrive.
	w.ledger.setAway(nil)
	mustFlush(t, j)
	if got := len(w.ledger.ids()); got < 8 {
		t.Errorf("%d rows", got)
	}
	for ctx := soon(t); j.Stats().Waiting != 0; signal(j.wake) {
		if ctx.Err() != nil {
			t.Fatalf("%+v", j.Stats())
		}
	}
	mustStop(t, j)
}

// TestReader_DiskThatDoesNotGive: blocks that cannot be read are damage, and
// what lies behind them is read.
func TestReader_DiskThatDoesNotGive(t *testing.T) {
	ids := names("r", 40)
	whole, starts := records(ids...)
	r := &reader{from: holed{bytes.NewReader(whole)}, end: int64(len(whole))}
	var got []string
	for one, ok := r.next(); ok; one, ok = r.next() {
		id, _ := identity(one.body)
		got = append(got, id)
	}
	var want []string
	for i, id := range ids {
		if starts[i+1] <= block || starts[i] >= 2*block {
			want = append(want, id)
		}
	}
	if !slices.Equal(got, want) || len(r.damage) != 1 {
		t.Errorf("read %q\nwant %q\ndamage %+v", got, want, r.damage)
	}
}

// holed cannot be read in its second block.
type holed struct{ *bytes.Reader }

func (h holed) ReadAt(p []byte, at int64) (int, error) {
	if at < 2*block && at+int64(len(p)) > block {
		n := max(block-at, 0)
		_, _ = h.Reader.ReadAt(p[:n], at)
		return int(n), ioFault
	}
	return h.Reader.ReadAt(p, at)
}
