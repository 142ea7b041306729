package recent

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tollgate"
)

// The experiment of docs/design/recent.md: sequences of requests as Claude Code
// makes them, and what each way to foresee the next cost would have held.

// dollars per million tokens of a large model, in nano-dollars per token.
const (
	perInput  = 5_000
	perWrite  = 6_250
	perRead   = 500
	perOutput = 25_000
)

// chat is a conversation whose prompt is cached and grows with every turn.
type chat struct {
	*rand.Rand
	prompt int64 // tokens in the cache
}

func newChat(draw *rand.Rand) *chat { return &chat{Rand: draw} }

// turn is one request of it: what is new is written to the cache, all before it
// is read. Figures as in real sessions: some thousand tokens of tool results,
// some hundred of answer; now and then a long one.
func (c *chat) turn() tollgate.Money {
	added := int64(300 + c.ExpFloat64()*2500)
	answer := int64(80 + c.ExpFloat64()*500)
	if c.prompt == 0 {
		added = 15_000
	}
	read := c.prompt
	if c.prompt += added + answer; c.prompt > 180_000 { // compacted
		c.prompt = 30_000
	}
	return tollgate.Money(read*perRead + added*perWrite + answer*perOutput)
}

// late is a turn after a pause, when the cache has gone.
func (c *chat) late() tollgate.Money {
	rewrite := c.prompt * (perWrite - perRead)
	return c.turn() + tollgate.Money(rewrite)
}

// title is a small request of the same session to the same model.
func (c *chat) title() tollgate.Money {
	return tollgate.Money((800+c.Int64N(400))*perInput + (20+c.Int64N(40))*perOutput)
}

// scenarios give the cost of the i-th request of a session.
var scenarios = []struct {
	name     string
	next     func(c *chat, i int) tollgate.Money
	covered  float64 // the least part of the money that has to be held
	overheld float64 // the most that may be held beside it, as a part of the money
}{
	{"a conversation", func(c *chat, _ int) tollgate.Money { return c.turn() }, 0.93, 0.6},
	{"a title before every other turn", func(c *chat, i int) tollgate.Money {
		if i%3 == 0 {
			return c.title()
		}
		return c.turn()
	}, 0.92, 1.2},
	{"one turn among seven small calls", func(c *chat, i int) tollgate.Money {
		if i%8 == 7 {
			return c.turn()
		}
		return c.title()
	}, 0.70, 3},
	{"a pause in every 25 turns", func(c *chat, i int) tollgate.Money {
		if i%25 == 24 {
			return c.late()
		}
		return c.turn()
	}, 0.72, 0.6},
	{"a pause in every 10 turns", func(c *chat, i int) tollgate.Money {
		if i%10 == 9 {
			return c.late()
		}
		return c.turn()
	}, 0.58, 2},
}

// ways to foresee, given what a session has cost so far.
var ways = []struct {
	name   string
	expect func(costs []tollgate.Money) tollgate.Money
}{
	{"mean of 16", func(costs []tollgate.Money) tollgate.Money {
		var sum tollgate.Money
		for _, cost := range last(costs, 16) {
			sum += cost
		}
		return sum / tollgate.Money(len(last(costs, 16)))
	}},
	{"0.5 of 16", func(costs []tollgate.Money) tollgate.Money { return ranked(last(costs, 16), 0.5) }},
	{"0.9 of 8", func(costs []tollgate.Money) tollgate.Money { return ranked(last(costs, 8), 0.9) }},
	{"0.9 of 16", func(costs []tollgate.Money) tollgate.Money { return ranked(last(costs, 16), 0.9) }},
	{"0.9 of 32", func(costs []tollgate.Money) tollgate.Money { return ranked(last(costs, 32), 0.9) }},
	{"max of 16", func(costs []tollgate.Money) tollgate.Money { return slices.Max(last(costs, 16)) }},
	{"max of 8", func(costs []tollgate.Money) tollgate.Money { return slices.Max(last(costs, 8)) }},
}

func last(costs []tollgate.Money, n int) []tollgate.Money { return costs[max(0, len(costs)-n):] }

func ranked(costs []tollgate.Money, quantile float64) tollgate.Money {
	sorted := slices.Sorted(slices.Values(costs))
	return sorted[min(len(sorted)-1, int(quantile*float64(len(sorted))))]
}

// outcome is how well a way did.
type outcome struct {
	requests, enough     int
	cost, held, overheld tollgate.Money
}

func (o *outcome) add(hold, cost tollgate.Money) {
	o.requests++
	if hold >= cost {
		o.enough++
	}
	o.cost += cost
	o.held += min(hold, cost)
	o.overheld += max(0, hold-cost)
}

func (o outcome) String() string {
	return fmt.Sprintf("%3.0f%% %3.0f%% %4.0f%%", 100*float64(o.enough)/float64(o.requests), 100*o.covered(), 100*o.over())
}

func (o outcome) covered() float64 { return float64(o.held) / float64(o.cost) }
func (o outcome) over() float64    { return float64(o.overheld) / float64(o.cost) }

// TestHoldsComeCloseToCosts runs the experiment. With -v it prints the table.
func TestHoldsComeCloseToCosts(t *testing.T) {
	for _, scenario := range scenarios {
		outcomes := make([]outcome, len(ways))
		var real outcome
		for session := range uint64(50) {
			m, c := New(), newChat(rand.New(rand.NewPCG(session, 7)))
			var costs []tollgate.Money
			for i := range 100 {
				cost := scenario.next(c, i)
				if hold, known := m.Expect("s", "k", "m"); known {
					real.add(hold.Cost, cost)
					for w := range ways {
						outcomes[w].add(ways[w].expect(costs), cost)
					}
				}
				m.Learn("s", "k", "m", Sample{Cost: cost})
				costs = append(costs, cost)
			}
		}
		var table strings.Builder
		for w := range ways {
			fmt.Fprintf(&table, "\n  %-12s %v", ways[w].name, outcomes[w])
		}
		t.Logf("%s: held enough, part of the money held, held beside it\n  %-12s %v%s", scenario.name, "Memory", real, &table)
		if real.covered() < scenario.covered || real.over() > scenario.overheld {
			t.Errorf("%s: %v", scenario.name, real)
		}
	}
}
