package journal

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"tollgate"
)

var errAway = errors.New("away")

// model is what a ledger must have in the end: for each request what was
// promised of it.
type model struct {
	begun   map[string]bool // under way, in the process that lives
	durable map[string]bool // promised by Durable
	ended   map[string]bool // End has returned, in the process that lives or safely
	vague   map[string]bool // ended, but a process or the power died too soon after
	safe    map[string]bool // ended, and on the disk or stored
	tried   map[string]bool // Begin was called
}

func newModel() *model {
	return &model{begun: map[string]bool{}, durable: map[string]bool{}, ended: map[string]bool{}, vague: map[string]bool{}, safe: map[string]bool{}, tried: map[string]bool{}}
}

// TestPromise2_Model drives a journal through hundreds of random steps: requests
// that begin and end, a disk and a database that fail and recover, kills, power
// cuts, clean stops. In the end the ledger has what the model says.
func TestPromise2_Model(t *testing.T) {
	for range 30 {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			walk(t, rand.New(rand.NewPCG(seed, 0)))
		})
	}
}

func walk(t *testing.T, chance *rand.Rand) {
	w, m := newWorld(t), newModel()
	w.most = 6 << 10
	j := w.open(t)
	count := 0
	for range 150 {
		switch pick := chance.IntN(100); {
		case pick < 40:
			count++
			m.begin(t, j, fmt.Sprintf("r%04d", count))
		case pick < 75:
			m.end(j, anyOf(chance, m.begun))
		case pick < 80:
			w.ledger.setAway(errAway)
		case pick < 85:
			w.ledger.setAway(nil)
		case pick < 88:
			fault := diskFaults[anyOf(chance, diskFaults)]
			fault.sticky = chance.IntN(2) == 0
			w.disk.set(fault)
		case pick < 93:
			w.disk.set(faults{})
			w.later.Add(int64(2 * retryAfter))
			j.look()
			if j.sync() == nil && j.lost() == 0 {
				maps.Copy(m.safe, m.ended)
			}
		case pick < 95:
			j = m.restart(t, w, j, false)
		case pick < 97:
			j = m.restart(t, w, j, true)
		case pick < 98:
			w.ledger.setAway(nil)
			w.disk.set(faults{})
			w.later.Add(int64(2 * retryAfter))
			j.look()
			for id := range m.begun {
				m.end(j, id)
			}
			mustStop(t, j)
			maps.Copy(m.safe, m.ended)
			j = w.open(t)
		}
	}
	j = m.restart(t, w, j, false)
	mustStop(t, j)
	m.check(t, w.ledger)
}

func (m *model) begin(t *testing.T, j *Journal, id string) {
	m.tried[id] = true
	ticket, err := j.Begin(asked(id))
	if err == nil {
		m.begun[id] = true
		err = ticket.Durable(soon(t))
		m.durable[id] = err == nil
	}
	if err != nil && !tollgate.IsKind(err, tollgate.Unrecorded) {
		t.Fatal(err)
	}
}

func (m *model) end(j *Journal, id string) {
	if id == "" {
		return
	}
	j.End(request(id))
	m.ended[id] = true
	delete(m.begun, id)
}

// restart kills the process, with or without the power, and starts the next
// with everything in order again.
func (m *model) restart(t *testing.T, w *world, j *Journal, power bool) *Journal {
	t.Helper()
	kept := j.lost() // what only memory has is gone with the process
	kill(j)
	paths, err := filepath.Glob(filepath.Join(w.path, "2*", "*"+segmentSuffix))
	if err == nil && power {
		w.ledger.cut()
		err = w.disk.pull(paths)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !power && kept == 0 { // the kernel has what was written
		maps.Copy(m.safe, m.ended)
	}
	for id := range m.ended {
		if !m.safe[id] {
			delete(m.ended, id)
			m.vague[id] = true
		}
	}
	m.begun = map[string]bool{}
	w.disk.set(faults{})
	w.later.Add(int64(2 * retryAfter))
	w.ledger.setAway(nil)
	next := w.open(t)
	mustFlush(t, next)
	return next
}

// check: what was promised is there, what ended and was safe is there as it
// ended, and nothing is there that was never begun.
func (m *model) check(t *testing.T, ledger *memory) {
	t.Helper()
	for id := range m.durable {
		if m.durable[id] && ledger.row(id) == nil {
			t.Errorf("%s was promised and has no row", id)
		}
	}
	for id := range m.safe {
		if x := ledger.row(id); x == nil || x.Interrupted && m.durable[id] {
			t.Errorf("%s had ended, and its row is %+v", id, x)
		}
	}
	for _, id := range ledger.ids() {
		x := ledger.row(id)
		if !m.tried[id] || !x.Interrupted && !m.ended[id] && !m.vague[id] || x.Interrupted && x.Cost != asked("").Cost {
			t.Errorf("%s: %+v", id, x)
		}
	}
}

func anyOf[T any](chance *rand.Rand, from map[string]T) string {
	if len(from) == 0 {
		return ""
	}
	all := slices.Sorted(maps.Keys(from))
	return all[chance.IntN(len(all))]
}
