package limit

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"tollgate"
)

// naive is the limiter in its plainest form: numbers without end, everything
// remembered for ever, every limit looked at for every request.
type naive struct {
	limits []tollgate.Limit
	uses   map[string]map[tollgate.Scope]*use // by id and member
}

// use is what one member has used of a limit.
type use struct {
	used    [figures]big.Int // in parts of minute
	running int64
}

// naivePart is what a grant has taken of one use.
type naivePart struct {
	use           *use
	input, output int64
}

func (n *naive) load(limits []tollgate.Limit) {
	n.pass(0) // by the figures until now
	uses := map[string]map[tollgate.Scope]*use{}
	for _, limit := range limits {
		uses[limit.ID] = map[tollgate.Scope]*use{}
		for _, before := range n.limits {
			if before.ID == limit.ID && before.Scope == limit.Scope && before.Each == limit.Each {
				uses[limit.ID] = n.uses[limit.ID]
			}
		}
	}
	n.limits, n.uses = limits, uses
}

func (n *naive) pass(d time.Duration) {
	for _, limit := range n.limits {
		for _, u := range n.uses[limit.ID] {
			for f, most := range perMinute(&limit) {
				u.add(figure(f), int64(d), -most)
				if most == 0 {
					u.used[f].SetInt64(0)
				}
			}
		}
	}
}

// add adds times × n, and stops at nothing.
func (u *use) add(f figure, times, n int64) {
	used := &u.used[f]
	if used.Add(used, new(big.Int).Mul(big.NewInt(times), big.NewInt(n))); used.Sign() < 0 {
		used.SetInt64(0)
	}
}

func (u *use) take(f figure, n int64) { u.add(f, int64(minute), n) }

// meets are the uses that a request is about, with their limits.
func (n *naive) meets(a Ask) (uses []*use, limits []tollgate.Limit) {
	for _, limit := range n.limits {
		member, counted := limit.Counts(a.Who, a.Model)
		if !counted {
			continue
		}
		u := n.uses[limit.ID][member]
		if u == nil {
			u = &use{}
			n.uses[limit.ID][member] = u
		}
		uses, limits = append(uses, u), append(limits, limit)
	}
	return uses, limits
}

// admit says how many seconds to wait, or what was taken.
func (n *naive) admit(a Ask) (wait int64, parts []naivePart) {
	uses, limits := n.meets(a)
	want := a.wants()
	for i, u := range uses {
		for f, most := range perMinute(&limits[i]) {
			if want[f] > 0 && most > 0 {
				room := new(big.Int).Mul(big.NewInt(most-min(want[f], most)), big.NewInt(int64(minute)))
				wait = max(wait, ceil(room.Sub(&u.used[f], room), most*int64(time.Second)))
			}
		}
		if most := limits[i].Concurrent; most > 0 && want[requests] > 0 && u.running >= most {
			wait = max(wait, 1)
		}
	}
	if wait > 0 {
		return wait, nil
	}
	for i, u := range uses {
		most := perMinute(&limits[i])
		u.running += want[requests]
		for f := range figures {
			u.take(f, min(want[f], most[f]))
		}
		parts = append(parts, naivePart{u, min(want[inputTokens], most[inputTokens]), min(want[outputTokens], most[outputTokens])})
	}
	return 0, parts
}

// ceil is the quotient, rounded up, or 0.
func ceil(n *big.Int, by int64) int64 {
	if n.Sign() <= 0 {
		return 0
	}
	whole, rest := new(big.Int).QuoRem(n, big.NewInt(by), new(big.Int))
	return whole.Int64() + int64(rest.Sign())
}

// trial drives both limiters by the same drawn steps and compares every answer.
type trial struct {
	*testing.T
	draw  func(n int) int // from 0 to n-1
	watch *watch
	l     *Limiter
	naive naive
	open  []running
}

type running struct {
	ask   Ask
	grant Grant
	parts []naivePart
}

func newTrial(t *testing.T, draw func(n int) int) *trial {
	w := newWatch()
	return &trial{T: t, draw: draw, watch: w, l: New(w.now)}
}

func (t *trial) step() {
	switch t.draw(12) {
	case 0:
		t.load()
	case 1, 2:
		t.pass()
	case 3, 4, 5:
		t.end()
	default:
		t.admit()
	}
}

func (t *trial) load() {
	scopes := []tollgate.Scope{org, core, {Kind: tollgate.ScopeDeveloper, Name: ada.Developer}, {Kind: tollgate.ScopeService, Name: "ci"}, {Kind: tollgate.ScopeKey, Name: "kbob"}}
	figure := func() int64 { return int64([]int{0, 1, 7, 60, 1009}[t.draw(5)]) }
	var limits []tollgate.Limit
	for i := range t.draw(7) {
		limit := tollgate.Limit{
			ID: string(rune('a' + i)), Scope: scopes[(i+t.draw(8)/7)%len(scopes)], Each: (i+t.draw(10)/9)%2 == 0,
			RequestsPerMinute: figure(), InputTokensPerMinute: figure(), OutputTokensPerMinute: figure(),
			Concurrent: int64(t.draw(5)), CountTokensPerMinute: figure(),
		}
		if i%3 == 2 {
			limit.Models = []string{"claude-haiku-*"}
		}
		limits = append(limits, limit)
	}
	t.l.Load(limits)
	t.naive.load(limits)
}

func (t *trial) pass() {
	d := time.Duration(t.draw(1<<16)) * time.Duration([]int{1, 1e3, 1e6, 3e6, 1e8}[t.draw(5)])
	if t.draw(20) == 0 {
		t.l.clock.read(t.watch.now())
		t.watch.pass(-d)
		t.l.clock.read(t.watch.now()) // it is seen, and nothing comes of it
		return
	}
	t.watch.pass(d)
	t.naive.pass(d)
}

func (t *trial) admit() {
	a := Ask{Who: []tollgate.Principal{ada, bob, eve, robot, {Key: "k2", Developer: ada.Developer, Team: "core"}}[t.draw(5)], Model: "claude-opus-5-5", Operation: tollgate.Messages}
	if t.draw(3) == 0 {
		a.Model = "claude-haiku-5-5"
	}
	if t.draw(4) == 0 {
		a.Operation = tollgate.CountTokens
	}
	a.Input, a.Output = int64(t.draw(1500)), int64(t.draw(100))
	grant, err := t.l.Admit(a)
	wait, parts := t.naive.admit(a)
	if (err != nil) != (wait > 0) {
		t.Fatalf("%+v: %v; the naive one says %d s", a, err, wait)
	}
	if err == nil {
		t.open = append(t.open, running{a, grant, parts})
		return
	}
	var refusal *tollgate.Error
	if !errors.As(err, &refusal) || refusal.Kind != tollgate.TooFast || refusal.RetryAfter != time.Duration(wait)*time.Second {
		t.Fatalf("%+v: %v, after %v; the naive one says %d s", a, err, refusal.RetryAfter, wait)
	}
}

func (t *trial) end() {
	if len(t.open) == 0 {
		return
	}
	i := t.draw(len(t.open))
	r := t.open[i]
	t.open = append(t.open[:i:i], t.open[i+1:]...)
	messages := r.ask.Operation == tollgate.Messages
	used := tollgate.Tokens{Input: int64(t.draw(900)), CacheWrite5m: int64(t.draw(900)), CacheWrite1h: int64(t.draw(90)), CacheRead: 1 << 30, Output: int64(t.draw(300))}
	if t.draw(3) == 0 {
		r.grant.Cancel()
		for _, part := range r.parts {
			if !messages {
				part.use.take(countTokens, -1)
				continue
			}
			part.use.take(requests, -1)
			used = tollgate.Tokens{}
		}
	} else {
		r.grant.Settle(used)
	}
	r.grant.Settle(tollgate.Tokens{Input: 1 << 20}) // too late to count
	for _, part := range r.parts {
		if messages {
			part.use.running--
			part.use.take(inputTokens, used.Input+used.CacheWrite5m+used.CacheWrite1h-part.input)
			part.use.take(outputTokens, used.Output-part.output)
		}
	}
}

func TestAgainstANaiveOne(t *testing.T) {
	for seed := range uint64(300) {
		draw := rand.New(rand.NewPCG(seed, 4))
		trial := newTrial(t, draw.IntN)
		trial.load()
		for range 400 {
			trial.step()
		}
	}
}

func FuzzAgainstANaiveOne(f *testing.F) {
	f.Add([]byte{0, 3, 9, 9, 9, 9, 1, 200, 4, 4, 9, 9, 2, 0, 255, 3, 3})
	f.Fuzz(func(t *testing.T, steps []byte) {
		draw := func(n int) int {
			if len(steps) == 0 {
				return 0
			}
			drawn := int(steps[0])
			if steps = steps[1:]; n > 256 && len(steps) > 0 {
				drawn, steps = drawn<<8|int(steps[0]), steps[1:]
			}
			return drawn % n
		}
		trial := newTrial(t, draw)
		trial.load()
		for len(steps) > 0 {
			trial.step()
		}
	})
}
