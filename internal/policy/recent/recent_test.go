package recent

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"tollgate"
)

// sample is one of which every figure can be told from the others.
func sample(cost int64) Sample { return Sample{tollgate.Money(cost), cost * 2, cost * 3} }

func TestTheNearestLevelWithEnoughSamplesAnswers(t *testing.T) {
	m := New()
	expect := func(session, key, model string, want Sample, known bool) {
		t.Helper()
		if got, ok := m.Expect(session, key, model); got != want || ok != known {
			t.Fatalf("Expect(%q, %q, %q) = %+v, %v; want %+v, %v", session, key, model, got, ok, want, known)
		}
	}
	learn := func(session, key, model string, costs ...int64) {
		for _, cost := range costs {
			m.Learn(session, key, model, sample(cost))
		}
	}
	expect("s", "k", "opus", Sample{}, false)
	learn("s", "k", "opus", 10, 10, 10)
	expect("s", "k", "opus", Sample{}, false)
	learn("other", "other", "opus", 50)
	expect("s", "k", "opus", sample(50), true) // the model has four, the key three
	learn("another", "k", "opus", 30)
	expect("s", "k", "opus", sample(30), true) // the key has four, the session three
	learn("s", "k", "opus", 11)
	expect("s", "k", "opus", sample(11), true)
	expect("new", "k", "opus", sample(30), true)
	expect("s", "other", "opus", sample(50), true) // a session belongs to its key
	expect("s", "k", "haiku", Sample{}, false)
}

func TestNoSessionAndNoKeyAreNobodys(t *testing.T) {
	m := New()
	for range 20 {
		m.Learn("", "k", "opus", sample(10))
		m.Learn("", "", "opus", sample(99))
	}
	if got, _ := m.Expect("", "k", "opus"); got != sample(10) {
		t.Errorf("the key's requests without a session: %+v", got)
	}
	if len(m.sessions.round) != 0 || len(m.keys.round) != 1 {
		t.Errorf("%d sessions and %d keys; want none and one", len(m.sessions.round), len(m.keys.round))
	}
}

func TestWhatConsumedNothingTeachesNothing(t *testing.T) {
	m := New()
	for range 5 {
		m.Learn("s", "k", "opus", sample(10))
	}
	for range 100 { // a provider that is down
		m.Learn("s", "k", "opus", Sample{})
	}
	if got, ok := m.Expect("s", "k", "opus"); !ok || got != sample(10) {
		t.Errorf("%+v, %v", got, ok)
	}
}

// TestQuantile compares with the plain way to find it, in windows of every
// size and over many turns of the ring.
func TestQuantile(t *testing.T) {
	for _, most := range []int{16, 32, 64} {
		w, draw := &window{}, rand.New(rand.NewPCG(1, uint64(most)))
		var all []Sample
		for range 5 * most {
			s := Sample{tollgate.Money(draw.Int64N(1000)), draw.Int64N(10), draw.Int64N(1 << 40)}
			w.learn(s, most)
			all = append(all, s)
			last := all[max(0, len(all)-most):]
			got, ok := w.expect()
			want := Sample{
				tollgate.Money(plain(last, func(s Sample) int64 { return int64(s.Cost) })),
				plain(last, func(s Sample) int64 { return s.Input }),
				plain(last, func(s Sample) int64 { return s.Output }),
			}
			if ok != (len(last) >= enough) || ok && got != want {
				t.Fatalf("after %d of %d: %+v, %v; want %+v", len(all), most, got, ok, want)
			}
		}
	}
}

func plain(samples []Sample, figure func(Sample) int64) int64 {
	var figures []int64
	for _, s := range samples {
		figures = append(figures, figure(s))
	}
	slices.Sort(figures)
	return figures[(len(figures)*9+9)/10-1]
}

// TestMemoryIsBounded floods every level with names, long ones too.
func TestMemoryIsBounded(t *testing.T) {
	m := New()
	m.sessions, m.keys, m.everyone = newLevel(8, 16), newLevel(4, 32), newLevel(2, 64)
	long := string(make([]byte, 1<<16))
	for i := range 1000 {
		m.Learn(fmt.Sprint(long, i), fmt.Sprint("k", i%100), fmt.Sprint("m", i%10), sample(1))
		m.Learn("kept", "kept", "kept", sample(int64(i+1)))
	}
	for name, l := range map[string]level{"sessions": m.sessions, "keys": m.keys, "everyone": m.everyone} {
		if len(l.at) != l.most || len(l.round) != l.most {
			t.Errorf("%s: %d in the map and %d in the round; want %d", name, len(l.at), len(l.round), l.most)
		}
		for _, w := range l.round {
			if l.at[w.hash] != w || cap(w.samples) > l.samples {
				t.Errorf("%s: a window is lost, or has room for %d", name, cap(w.samples))
			}
		}
	}
	if got, ok := m.Expect("kept", "kept", "kept"); !ok || got != sample(999) {
		t.Errorf("who keeps asking was forgotten: %+v, %v", got, ok)
	}
	if _, ok := m.Expect("", "", "m1"); ok {
		t.Error("who left is still known")
	}
}

func TestManyAtOnce(t *testing.T) {
	m := New()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			session := fmt.Sprint("s", i)
			for range 1000 {
				m.Learn(session, "k", "opus", sample(int64(i+1)))
				if got, ok := m.Expect(session, "k", "opus"); ok && (got.Input != int64(got.Cost)*2 || got.Cost > 8) {
					t.Errorf("%+v", got)
				}
			}
		})
	}
	all.Wait()
}

func TestNoGarbage(t *testing.T) {
	m := New()
	m.sessions = newLevel(64, 16)
	names := make([]string, 1024)
	for i := range names {
		names[i] = fmt.Sprint("session-", i)
	}
	i := 0
	turn := func() {
		m.Expect(names[i%1024], "k", "opus")
		m.Learn(names[i%1024], "k", "opus", sample(5))
		i++
	}
	for range 10_000 {
		turn()
	}
	if per := testing.AllocsPerRun(10_000, turn); per > 0 {
		t.Errorf("%v allocations for a request", per)
	}
}

// BenchmarkExpectLearn is one request of one of 10,000 developers in a session.
func BenchmarkExpectLearn(b *testing.B) {
	m := New()
	sessions, keys := make([]string, 10_000), make([]string, 10_000)
	for i := range sessions {
		sessions[i], keys[i] = fmt.Sprintf("0d9d6f0e-7a6e-4a1b-9f0a-%012d", i), fmt.Sprintf("k%011d", i)
		for range 32 {
			m.Learn(sessions[i], keys[i], "claude-opus-5-5", sample(int64(i+1)))
		}
	}
	b.Run("one after another", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			one := i * 7919 % len(sessions)
			m.Expect(sessions[one], keys[one], "claude-opus-5-5")
			m.Learn(sessions[one], keys[one], "claude-opus-5-5", sample(int64(i)))
		}
	})
	b.Run("at once", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := rand.Int() % len(sessions); pb.Next(); i++ {
				one := i * 7919 % len(sessions)
				m.Expect(sessions[one], keys[one], "claude-opus-5-5")
				m.Learn(sessions[one], keys[one], "claude-opus-5-5", sample(int64(i)))
			}
		})
	})
}

func TestSampleOfWhatEnded(t *testing.T) {
	t.Parallel()
	whole := tollgate.Exchange{
		Operation: tollgate.Messages, Status: 200, Cost: 9,
		Usage: tollgate.Usage{Tokens: tollgate.Tokens{Input: 1, CacheWrite5m: 2, CacheWrite1h: 4, CacheRead: 8, Output: 16}},
	}
	if s, ended := SampleOf(&whole); !ended || s != (Sample{Cost: 9, Input: 7, Output: 16}) {
		t.Errorf("a request that ended teaches %+v, %v", s, ended)
	}
	for name, change := range map[string]func(*tollgate.Exchange){
		"failed":   func(x *tollgate.Exchange) { x.Status = 500 },
		"cut":      func(x *tollgate.Exchange) { x.Error = "cut" },
		"free":     func(x *tollgate.Exchange) { x.Cost = 0 },
		"counting": func(x *tollgate.Exchange) { x.Operation = tollgate.CountTokens },
	} {
		x := whole
		change(&x)
		if s, ended := SampleOf(&x); ended {
			t.Errorf("a request that is %s teaches %+v", name, s)
		}
	}
}
