package route

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"tollgate"
)

// clock is a time that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newTraffic() (*Traffic, *clock) {
	c := &clock{at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	return NewTraffic(c.now), c
}

func target(upstream string) tollgate.Target { return tollgate.Target{Upstream: upstream, Model: "m"} }

var pair = []tollgate.Target{target("a"), target("b")}

func wantOrder(t *testing.T, traffic *Traffic, who Asker, want string) {
	t.Helper()
	if got := order(traffic, pair, who); got != want {
		t.Errorf("%+v goes to %q, want %q", who, got, want)
	}
}

func order(traffic *Traffic, targets []tollgate.Target, who Asker) (names string) {
	for _, target := range traffic.Order(targets, who) {
		names += target.Upstream
	}
	return names
}

func TestARestBegins(t *testing.T) {
	for name, c := range map[string]struct {
		how   Failure
		times int
		other string // where another model of the same upstreams goes then
	}{
		"no answer":         {Failure{}, 1, "b"},
		"401":               {Failure{Status: 401}, 1, "b"},
		"402":               {Failure{Status: 402}, 1, "ab"},
		"403":               {Failure{Status: 403}, 1, "ab"},
		"404":               {Failure{Status: 404}, 1, "ab"},
		"429 that says":     {Failure{Status: 429, RetryAfter: time.Second}, 1, "ab"},
		"429 that does not": {Failure{Status: 429}, 3, "ab"},
		"408":               {Failure{Status: 408}, 3, "ab"},
		"424":               {Failure{Status: 424}, 3, "ab"},
		"500":               {Failure{Status: 500}, 3, "ab"},
		"529":               {Failure{Status: 529}, 3, "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			traffic, _ := newTraffic()
			for range c.times {
				wantOrder(t, traffic, Asker{}, "ab")
				traffic.Failed(pair[0], c.how)
			}
			wantOrder(t, traffic, Asker{}, "b")
			others := []tollgate.Target{{Upstream: "a", Model: "other"}, {Upstream: "b", Model: "other"}}
			if got := order(traffic, others, Asker{}); got != c.other {
				t.Errorf("another model goes to %q, want %q", got, c.other)
			}
			traffic.Answered(pair[0])
			wantOrder(t, traffic, Asker{}, "ab")
		})
	}
}

func TestWhenAllRestAllAreTried(t *testing.T) {
	traffic, _ := newTraffic()
	traffic.Failed(pair[0], Failure{})
	traffic.Failed(pair[1], Failure{})
	wantOrder(t, traffic, Asker{}, "ab")
}

// TestRestsDouble up to a minute; what an upstream asks for is honoured up to
// five.
func TestRestsDouble(t *testing.T) {
	traffic, clock := newTraffic()
	last := time.Duration(0)
	for n := range 12 {
		traffic.Failed(pair[0], Failure{Why: "no_answer"})
		rest := traffic.Resting()[0]
		length := rest.Until.Sub(clock.now())
		if low := min(time.Second<<n, time.Minute); length < low || length > min(low*5/4, time.Minute) || length < last || rest.Failures != n+1 {
			t.Fatalf("rest %d is %s long: %+v", n, length, rest)
		}
		last = length
		clock.pass(length)
	}
	traffic.Failed(pair[1], Failure{Status: 429, RetryAfter: time.Hour})
	if rest := traffic.Resting()[0]; rest.Upstream != "b" || rest.Until.Sub(clock.now()) != 5*time.Minute {
		t.Errorf("%+v", rest)
	}
}

// TestPromise4_OneRequestProbes: of many that come when a rest is over, one; and
// another when that one is not heard of.
func TestPromise4_OneRequestProbes(t *testing.T) {
	traffic, clock := newTraffic()
	traffic.Failed(pair[0], Failure{})
	clock.pass(2 * time.Second)
	probes := func() int {
		first := make([]bool, 200)
		var group sync.WaitGroup
		for i := range first {
			group.Go(func() { first[i] = order(traffic, pair, Asker{}) == "ab" })
		}
		group.Wait()
		n := 0
		for _, probe := range first {
			if probe {
				n++
			}
		}
		return n
	}
	if n := probes(); n != 1 {
		t.Errorf("%d requests probe", n)
	}
	clock.pass(probeBound)
	if n := probes(); n != 1 {
		t.Errorf("%d requests probe when the probe was lost", n)
	}
	traffic.Answered(pair[0])
	if n := probes(); n != 200 {
		t.Errorf("%d requests go to one that is well", n)
	}
}

// TestRestsAtRandom: whatever happens, nobody is left without a target, none
// stands twice, and one that serves is tried.
func TestRestsAtRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	traffic, clock := newTraffic()
	var targets []tollgate.Target
	for i := range 4 {
		targets = append(targets, target(string(rune('a'+i))))
	}
	for range 20_000 {
		one := targets[random.IntN(len(targets))]
		switch random.IntN(4) {
		case 0:
			traffic.Answered(one)
			if got := traffic.Order([]tollgate.Target{one, {Upstream: "z"}}, Asker{}); got[0] != one {
				t.Fatalf("%s serves, and is left out", one.Upstream)
			}
		case 1:
			status := []int{0, 401, 429, 500, 529}[random.IntN(5)]
			traffic.Failed(one, Failure{Status: status, RetryAfter: time.Duration(random.IntN(3)) * time.Minute})
		case 2:
			clock.pass(time.Duration(random.IntN(40_000)) * time.Millisecond)
		}
		seen := map[tollgate.Target]bool{}
		for _, target := range traffic.Order(targets, Asker{}) {
			if seen[target] {
				t.Fatalf("%s stands twice", target.Upstream)
			}
			seen[target] = true
		}
		if len(seen) == 0 {
			t.Fatal("no target is left")
		}
		for _, rest := range traffic.Resting() {
			if length := rest.Until.Sub(rest.Since); length > longestAsked+longestAsked {
				t.Fatalf("%+v", rest)
			}
		}
	}
}

func served(session, model, upstream string, cached int64) *tollgate.Exchange {
	x := &tollgate.Exchange{Session: session, Model: model, Upstream: upstream, Status: 200, Operation: tollgate.Messages}
	x.Usage.CacheRead, x.Usage.CacheWrite5m, x.Usage.CacheWrite1h = cached, 10, 1
	return x
}

// TestPromise4_ASessionStays with its account while that one serves, and its
// move is told with what it left there.
func TestPromise4_ASessionStays(t *testing.T) {
	traffic, clock := newTraffic()
	who := Asker{Session: "s", Model: "claude-haiku-4-5"}
	first := served("s", "claude-haiku-4-5-20251001", "b", 1000)
	traffic.Served(first)
	wantOrder(t, traffic, Asker{Session: "s", Model: "claude-haiku-4-5-20251001"}, "ba")
	wantOrder(t, traffic, who, "ba") // the session's last
	wantOrder(t, traffic, Asker{Session: "other"}, "ab")
	if first.MovedFrom != "" {
		t.Error("it moved from nowhere")
	}
	traffic.Failed(pair[1], Failure{})
	wantOrder(t, traffic, who, "a")
	moved := served("s", "claude-haiku-4-5-20251001", "a", 0)
	traffic.Served(moved)
	if moved.MovedFrom != "b" || moved.MovedTokens != 1011 {
		t.Errorf("moved from %q with %d", moved.MovedFrom, moved.MovedTokens)
	}
	clock.pass(time.Hour)
	wantOrder(t, traffic, who, "ab") // and stays there
	for name, x := range map[string]*tollgate.Exchange{
		"failed":  {Session: "s", Upstream: "b", Status: 500, Operation: tollgate.Messages},
		"counted": {Session: "s", Upstream: "b", Status: 200, Operation: tollgate.CountTokens},
	} {
		if traffic.Served(x); x.MovedFrom != "" {
			t.Errorf("what only %s moved", name)
		}
	}
}

func TestWhatIsKnownOfSessionsIsBounded(t *testing.T) {
	s := newSessions()
	for i := range mostSessions + 10 {
		s.put(Stay{Session: fmt.Sprint(i), Upstream: "a"})
	}
	if s.order.Len() != mostSessions || len(s.byID) != mostSessions || s.at("9", "") != "" || s.at("10", "") != "a" {
		t.Errorf("%d sessions", s.order.Len())
	}
	for i := range 3 * mostModels {
		s.put(Stay{Session: "one", Model: fmt.Sprint(i), Upstream: fmt.Sprint(i)})
	}
	if stays := s.byID["one"].Value.(*session).stays; len(stays) != mostModels || s.at("one", "none") != fmt.Sprint(3*mostModels-1) {
		t.Errorf("%v", stays)
	}
}

func TestPoolsAreSpreadByWeight(t *testing.T) {
	const sessions = 10_000
	targets := []tollgate.Target{{Upstream: "x"}, {Upstream: "a", Weight: 1}, {Upstream: "y"}, {Upstream: "b", Weight: 3}, {Upstream: "c", Weight: 6}}
	firsts := map[string]int{}
	for i := range sessions {
		traffic, _ := newTraffic()
		who := Asker{Session: fmt.Sprint("session-", i)}
		got := order(traffic, targets, who)
		if again, _ := newTraffic(); order(again, targets, who) != got || got[0] != 'x' || got[4] != 'y' {
			t.Fatalf("%s", got)
		}
		firsts[got[1:2]]++
	}
	for name, weight := range map[string]float64{"a": 1, "b": 3, "c": 6} {
		share := weight / 10
		if off := math.Abs(float64(firsts[name]) - share*sessions); off > 4*math.Sqrt(sessions*share*(1-share)) {
			t.Errorf("%s is first for %d of %d", name, firsts[name], sessions)
		}
	}
}

func TestWeightsAreChecked(t *testing.T) {
	c := Config{Routes: []Route{{Models: []string{"claude-*"}, Upstreams: []string{"a", "b"}, Weights: map[string]int64{"a": 0, "b": 1000, "c": 1001}}}}
	var paths []string
	for _, problem := range c.Validate([]string{"a", "b", "c"}) {
		paths = append(paths, problem.Path)
	}
	if fmt.Sprint(paths) != "[routes[0].weights.a routes[0].weights.c routes[0].weights.c]" {
		t.Error(paths)
	}
	c.Routes[0].Weights = map[string]int64{"b": 7}
	targets, err := New(c, []string{"a", "b"}, nil, nil).Route("claude-x")
	if err != nil || targets[0].Weight != 0 || targets[1].Weight != 7 {
		t.Errorf("%+v, %v", targets, err)
	}
}
