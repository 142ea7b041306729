package budget

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"tollgate"
)

// world is what outlives a process: the rows of the ledger, and the journals.
type world struct {
	budgets []tollgate.Budget
	zone    *time.Location

	mu    sync.Mutex
	rows  map[string]Journaled // in the database
	ended map[string]Journaled // in a journal, closed
	begun map[string]Journaled // in a journal, opened
}

func newWorld(zone *time.Location, budgets ...tollgate.Budget) *world {
	return &world{budgets: budgets, zone: zone, rows: map[string]Journaled{}, ended: map[string]Journaled{}, begun: map[string]Journaled{}}
}

func (w *world) begin(ask Ask, held tollgate.Money) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun[ask.ID] = Journaled{ID: ask.ID, Who: ask.Who, Model: ask.Model, At: ask.At, Cost: held, Likely: ask.Expected, Most: ask.Most}
}

func (w *world) end(ask Ask, cost tollgate.Money) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.begun, ask.ID)
	w.ended[ask.ID] = Journaled{ID: ask.ID, Who: ask.Who, Model: ask.Model, At: ask.At, Cost: cost}
}

// feed moves what has ended into the database, some of it.
func (w *world) feed(most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, row := range w.ended {
		if most--; most < 0 {
			return
		}
		w.rows[id] = row
		delete(w.ended, id)
	}
}

// die is the death of all processes: what was begun is said to have cost what
// was held for it.
func (w *world) die() {
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.Copy(w.ended, w.begun)
	clear(w.begun)
}

// load does what the app does. between is called at every step of it.
func (w *world) load(k *Keeper, between func()) {
	reading := k.Read()
	between()
	state := State{Budgets: w.budgets, Stored: map[string]bool{}}
	w.mu.Lock()
	ids := []string{}
	for _, each := range w.begun {
		state.Begun = append(state.Begun, each)
		ids = append(ids, each.ID)
	}
	for _, each := range w.ended {
		state.Ended = append(state.Ended, each)
		ids = append(ids, each.ID)
	}
	w.mu.Unlock()
	between()
	w.mu.Lock()
	state.Counters = w.counters()
	rows := maps.Clone(w.rows)
	w.mu.Unlock()
	between()
	for _, id := range append(ids, reading.Requests()...) {
		_, state.Stored[id] = rows[id]
	}
	between()
	reading.Load(state)
}

func (w *world) counters() (counters []tollgate.BudgetCounter) {
	sums := map[tollgate.BudgetCounter]tollgate.Money{}
	w.sum(w.rows, sums)
	for counter, spent := range sums {
		counter.Spent = spent
		counters = append(counters, counter)
	}
	return counters
}

// sum adds requests up by budget, member and window.
func (w *world) sum(requests map[string]Journaled, into map[tollgate.BudgetCounter]tollgate.Money) {
	for _, each := range requests {
		for i := range w.budgets {
			b := &w.budgets[i]
			if member, counted := b.Counts(each.Who, each.Model); counted {
				start, end := b.Period.Window(each.At, w.zone)
				into[tollgate.BudgetCounter{Budget: b.ID, Member: member, Start: start, End: end}] += each.Cost
			}
		}
	}
}

var people = func() (all []tollgate.Principal) {
	for i := range 6 {
		who := tollgate.Principal{Key: fmt.Sprint("key", i), Developer: fmt.Sprintf("dev%d@example.com", i%4), Team: fmt.Sprint("team", i%2)}
		if i == 5 {
			who = tollgate.Principal{Key: "key5", Service: "ci", Team: "team1"}
		}
		all = append(all, who)
	}
	return all
}()

var everyKind = []tollgate.Budget{
	{ID: "org", Scope: tollgate.Scope{Kind: "org"}, Amount: 90, Period: tollgate.PeriodTotal, Hard: true, Enforce: tollgate.EnforceStrict},
	{ID: "each", Scope: tollgate.Scope{Kind: "org"}, Amount: 30, Period: tollgate.PeriodDay, Hard: true, Each: true, Enforce: tollgate.EnforceStrict},
	{ID: "team", Scope: tollgate.Scope{Kind: "team", Name: "team1"}, Amount: 60, Period: tollgate.PeriodWeek, Hard: true, Enforce: tollgate.EnforceExpected},
	{ID: "soft", Scope: tollgate.Scope{Kind: "team", Name: "team0"}, Amount: 5, Period: tollgate.PeriodMonth},
	{ID: "opus", Scope: tollgate.Scope{Kind: "developer", Name: "dev1@example.com"}, Amount: 20, Period: tollgate.PeriodMonth, Models: []string{"claude-opus-*"}, Hard: true, Enforce: tollgate.EnforceExpected},
	{ID: "key", Scope: tollgate.Scope{Kind: "key", Name: "key5"}, Amount: 25, Period: tollgate.PeriodDay, Hard: true, Enforce: tollgate.EnforceStrict},
}

// under is a request under way in a model's process.
type under struct {
	ask  Ask
	hold Hold
	held tollgate.Money
	most tollgate.Money // that it may cost
}

// Whatever happens in whatever order, what is spent and held is what the ledger
// and the journals say, and no strict budget is passed.
func TestPromise4_Model(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(60) {
		m := &model{
			random: rand.New(rand.NewPCG(seed, 4)), world: newWorld(zone, everyKind...),
			now: time.Date(2026, 10, 31, 22, 0, 0, 0, zone),
		}
		m.start()
		for step := range 400 {
			m.step()
			if complaint := m.check(); complaint != "" {
				t.Fatalf("seed %d, step %d: %s", seed, step, complaint)
			}
		}
		for len(m.open) > 0 {
			m.settle(0)
		}
		for _, state := range m.keeper.States("") {
			if state.Held != 0 || state.Exposed != state.Spent {
				t.Fatalf("seed %d: nothing is under way, and %s of %s is held", seed, state.Held, state.Budget.ID)
			}
		}
		if m.refused == 0 || m.admitted == 0 {
			t.Fatalf("seed %d: %d admitted, %d refused", seed, m.admitted, m.refused)
		}
	}
}

type model struct {
	random            *rand.Rand
	world             *world
	keeper            *Keeper
	now               time.Time
	open              []under
	number            int
	admitted, refused int
}

func (m *model) start() {
	m.keeper = New(m.world.zone, func() time.Time { return m.now })
	m.world.load(m.keeper, func() {})
}

func (m *model) step() {
	switch m.random.IntN(12) {
	case 0, 1, 2, 3, 4:
		m.admit()
	case 5, 6, 7:
		if len(m.open) > 0 {
			m.settle(m.random.IntN(len(m.open)))
		}
	case 8:
		m.again()
	case 9:
		m.now = m.now.Add(time.Duration(m.random.Int64N(int64(8 * time.Hour))))
	case 10:
		m.world.feed(m.random.IntN(5))
	case 11:
		if m.random.IntN(3) == 0 {
			m.world.die()
			m.open = nil
			m.start()
		} else {
			m.world.load(m.keeper, func() { m.between() })
		}
	}
}

// between is what may happen in the middle of a reading.
func (m *model) between() {
	for range m.random.IntN(4) {
		switch m.random.IntN(3) {
		case 0:
			m.admit()
		case 1:
			if len(m.open) > 0 {
				m.settle(m.random.IntN(len(m.open)))
			}
		case 2:
			m.world.feed(3)
		}
	}
}

func (m *model) admit() {
	m.number++
	models := []string{"claude-opus-5-5", "claude-haiku-5-5"}
	most := tollgate.Money(m.random.Int64N(12) + 1)
	ask := Ask{
		ID: fmt.Sprint("req", m.number), Who: people[m.random.IntN(len(people))], Model: models[m.random.IntN(2)], At: m.now.Add(-time.Duration(m.random.Int64N(int64(time.Minute)))),
		Expected: tollgate.Money(m.random.Int64N(int64(most) + 1)), Most: most,
	}
	hold, err := m.keeper.Admit(ask)
	if err != nil {
		m.refused++
		return
	}
	m.admitted++
	m.world.begin(ask, hold.Amount())
	m.open = append(m.open, under{ask, hold, hold.Amount(), most})
}

func (m *model) again() {
	if len(m.open) == 0 {
		return
	}
	u := &m.open[m.random.IntN(len(m.open))]
	if u.hold.Again() == nil {
		u.most += u.ask.Most
		if u.hold.Amount() < u.held {
			panic("a hold has become less")
		}
		u.held = u.hold.Amount()
		m.world.begin(u.ask, u.held)
	}
}

func (m *model) settle(at int) {
	u := m.open[at]
	m.open = append(m.open[:at], m.open[at+1:]...)
	cost := tollgate.Money(m.random.Int64N(int64(u.most) + 1))
	m.world.end(u.ask, cost)
	u.hold.Settle(cost)
	u.hold.Settle(1000) // only the first counts
}

func (m *model) check() string {
	spent := map[tollgate.BudgetCounter]tollgate.Money{}
	m.world.sum(m.world.rows, spent)
	m.world.sum(m.world.ended, spent)
	for _, state := range m.keeper.States("") {
		b := state.Budget
		want := spent[tollgate.BudgetCounter{Budget: b.ID, Member: state.Member, Start: state.Start, End: state.Reset}]
		if state.Spent != want {
			return fmt.Sprintf("%s %s: %d spent, and the rows say %d", b.ID, state.Member, state.Spent, want)
		}
		if state.Held < 0 || state.Exposed < state.Spent {
			return fmt.Sprintf("%s %s: %+v", b.ID, state.Member, state)
		}
		if b.Hard && b.Enforce == tollgate.EnforceStrict && state.Spent+state.Held > state.Limit {
			return fmt.Sprintf("%s %s: %d spent and %d held of %d", b.ID, state.Member, state.Spent, state.Held, state.Limit)
		}
	}
	return ""
}

// Many at a time, with readings in between: each request is counted once.
func TestPromise4_ReadingWhileRequestsGoOn(t *testing.T) {
	everything := tollgate.Budget{ID: "all", Scope: tollgate.Scope{Kind: "org"}, Amount: 1 << 40, Period: tollgate.PeriodTotal, Hard: true, Enforce: tollgate.EnforceExpected}
	w := newWorld(time.UTC, append([]tollgate.Budget{everything}, everyKind...)...)
	k := New(time.UTC, time.Now)
	w.load(k, func() {})
	var workers, others sync.WaitGroup
	over := make(chan struct{})
	others.Go(func() {
		for {
			select {
			case <-over:
				return
			default:
				w.feed(2)
				w.load(k, func() { w.feed(2) })
			}
		}
	})
	for n := range 8 {
		workers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 1))
			for i := range 3000 {
				ask := Ask{ID: fmt.Sprint(n, "/", i), Who: people[0], Model: "m", At: time.Now(), Expected: 3, Most: 9}
				if i%2 == 0 { // whom the small budgets do not stop
					ask.Who = tollgate.Principal{Key: "other", Service: fmt.Sprint("other", i)}
				}
				hold, err := k.Admit(ask)
				if err != nil {
					continue
				}
				w.begin(ask, hold.Amount())
				cost := tollgate.Money(random.Int64N(9))
				w.end(ask, cost)
				hold.Settle(cost)
			}
		})
	}
	workers.Wait()
	close(over)
	others.Wait()
	m := model{world: w, keeper: k}
	if complaint := m.check(); complaint != "" {
		t.Error(complaint)
	}
	for _, state := range k.States("") {
		if state.Held != 0 {
			t.Errorf("%s is held of %s, and nothing is under way", state.Held, state.Budget.ID)
		}
	}
	if k.open.first != nil || len(k.Others()) != 0 {
		t.Error("there are requests left")
	}
}
