package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tollgate"
)

// Trail is an audit log, in the database or in an export of it.
type Trail interface {
	// State is everything but the records, at one moment.
	State(ctx context.Context) (tollgate.AuditState, error)
	// Lines are the records of a chain in the order in which they are stored, from
	// that number on.
	Lines(ctx context.Context, chain string, from int64) iter.Seq2[tollgate.AuditRecord, error]
}

// Kind is what has been done to the log.
type Kind string

// What can have been done to it.
const (
	Edited    Kind = "edited"
	Missing   Kind = "missing"
	Reordered Kind = "reordered"
	Cut       Kind = "cut"    // at its end, or the whole is an older state
	Forked    Kind = "forked" // it was written anew: it hangs together, and is not what was signed
	Unsigned  Kind = "unsigned"
	Unmatched Kind = "unmatched" // the log and the ledger do not tell the same
)

// Fault is the first wrong place of a chain, or of the tree.
type Fault struct {
	Kind   Kind
	Chain  string // empty: it is about the checkpoints, or the ledger
	Number int64
	Says   string // a sentence
}

// Report is what a verification has found.
type Report struct {
	Chains      int
	Records     int64
	Checkpoints int
	Newest      Checkpoint // whose signature was proved; the zero one when there is none
	// Uncommitted is how many records came after it: they are chained, and no
	// signature holds them yet.
	Uncommitted int64
	Held        int   // checkpoints that somebody else has kept, and that agree
	Retired     int64 // records that are given up, as is signed
	Compared    bool  // with the ledger
	Rows        int64 // of it that agree with their record
	RetiredRows int64 // of it whose record is given up: nothing proves them any more
	Faults      []Fault
}

// OK says whether nothing is wrong.
func (r Report) OK() bool { return len(r.Faults) == 0 }

// verification is one under way.
type verification struct {
	Report
	trail  Trail
	keys   note.Verifiers
	leaves map[string][]tollgate.AuditHead // by chain, in order
	begin  map[string]tollgate.AuditHead   // where chains begin whose first records are given up
	tree   *tree
	seen   map[string]*requests
	seed   maphash.Seed
}

// Verify reads the whole log and says what is wrong with it: in each chain the
// first place, which is where whoever looks for the cause has to begin. held are
// checkpoints that were kept elsewhere. The error is one of reading.
func Verify(ctx context.Context, trail Trail, rows Rows, keys note.Verifiers, held []string) (Report, error) {
	v := &verification{trail: trail, keys: keys, leaves: map[string][]tollgate.AuditHead{}, begin: map[string]tollgate.AuditHead{}, seen: map[string]*requests{}, seed: maphash.MakeSeed()}
	state, err := trail.State(ctx)
	if err != nil {
		return v.Report, err
	}
	if err := v.checkTree(state, held); err != nil {
		return v.Report, err
	}
	v.checkRetired(state)
	for _, chain := range v.chains(state.Heads) {
		if err := v.checkChain(ctx, chain, headOfChain(state.Heads, chain)); err != nil {
			return v.Report, err
		}
	}
	if v.Compared = rows != nil; v.Compared {
		err = v.checkRows(ctx, rows)
	}
	return v.Report, err
}

func (v *verification) fault(kind Kind, chain string, number int64, format string, args ...any) {
	v.Faults = append(v.Faults, Fault{kind, chain, number, fmt.Sprintf(format, args...)})
}

// checkTree builds the tree anew from its leaves and holds every signature
// against it.
func (v *verification) checkTree(state tollgate.AuditState, held []string) error {
	v.tree = growing(0, nil)
	for i, leaf := range state.Leaves {
		head, ok := headOf(leaf)
		if !ok {
			v.fault(Edited, "", int64(i+1), "leaf %d of the checkpoints' tree cannot be read", i+1)
		}
		v.leaves[head.Chain] = append(v.leaves[head.Chain], head)
		if err := v.tree.add(leaf); err != nil {
			return err
		}
	}
	delete(v.leaves, "")
	for i, signed := range state.Checkpoints {
		v.checkNote(signed, fmt.Sprintf("checkpoint %d of the log", i+1), &v.Checkpoints)
	}
	if v.Newest.Size < v.tree.size && len(v.Faults) == 0 {
		v.fault(Cut, "", 0, "the last checkpoints are missing: %d leaves of their tree are not signed by any", v.tree.size-v.Newest.Size)
	}
	for i, signed := range held {
		v.checkNote(signed, fmt.Sprintf("checkpoint %d that was kept elsewhere", i+1), &v.Held)
	}
	return nil
}

// checkNote proves one checkpoint, and counts it when it agrees.
func (v *verification) checkNote(signed, name string, agree *int) {
	c, err := Open(signed, v.keys)
	if err != nil {
		v.fault(Unsigned, "", 0, "%s is not signed by a key that is trusted here (%v)", name, err)
		return
	}
	at := c.Time.UTC().Format("2006-01-02 15:04:05 UTC")
	if c.Size > v.tree.size {
		v.fault(Cut, "", 0, "%s, of %s, commits to %d leaves and only %d are here: this is an older state of the log, or its end was cut off", name, at, c.Size, v.tree.size)
		return
	}
	if root, err := tlog.TreeHash(c.Size, v.tree); err != nil || root != c.Root {
		v.fault(Forked, "", 0, "%s, of %s, commits to other records than those that are here: the log was written anew after it", name, at)
		return
	}
	*agree++
	if c.Size > v.Newest.Size {
		v.Newest = c
	}
}

// chains are all that anything is known of: those that are there, and those that
// checkpoints commit to.
func (v *verification) chains(heads []tollgate.AuditHead) (names []string) {
	for _, head := range heads {
		names = append(names, head.Chain)
	}
	for chain := range v.leaves {
		if !slices.Contains(names, chain) {
			names = append(names, chain)
		}
	}
	slices.Sort(names)
	return names
}

// headOfChain is how far a chain is said to have come; of one that is not there,
// nowhere.
func headOfChain(heads []tollgate.AuditHead, chain string) tollgate.AuditHead {
	at := slices.IndexFunc(heads, func(h tollgate.AuditHead) bool { return h.Chain == chain })
	if at < 0 {
		return tollgate.AuditHead{Chain: chain}
	}
	return heads[at]
}

// checkChain walks a chain to its end, or to the first wrong place.
func (v *verification) checkChain(ctx context.Context, chain string, noted tollgate.AuditHead) error {
	v.Chains++
	at := tollgate.AuditHead{Chain: chain}
	if begin, retired := v.begin[chain]; retired {
		at = begin
	}
	seen := &requests{before: at.Length}
	v.seen[chain] = seen
	if v.broken(chain) {
		return nil
	}
	if at.Length > 0 && at.Length == noted.Length && at.Hash != noted.Hash {
		v.fault(Edited, chain, at.Length, "chain %s ends with what is given up, and is said to end otherwise", chain)
		return nil
	}
	leaves := v.leaves[chain]
	for len(leaves) > 0 && leaves[0].Length <= at.Length {
		leaves = leaves[1:]
	}
	for record, err := range ahead(v.trail.Lines(ctx, chain, at.Length+1)) {
		if err != nil {
			if tollgate.IsKind(err, tollgate.NotFound) {
				break
			}
			return err
		}
		if noted.Length > 0 && at.Length >= noted.Length && len(leaves) == 0 {
			break // it came after the state was read
		}
		begin := prefix(at)
		if !follows(at, begin, record) {
			return v.blame(ctx, at, record)
		}
		at = at.After(record.Line)
		v.Records++
		seen.note(at.Length, v.print(record.Line[len(begin):]))
		if at.Length == noted.Length && at.Hash != noted.Hash {
			v.fault(Edited, chain, at.Length, "record %d, the last one of chain %s, was edited", at.Length, chain)
			return nil
		}
		if len(leaves) > 0 && leaves[0].Length == at.Length {
			if leaves[0].Hash != at.Hash {
				v.fault(Forked, chain, at.Length, "record %d of chain %s, or one before it, was written anew after a checkpoint had committed to it", at.Length, chain)
				return nil
			}
			leaves = leaves[1:]
		}
	}
	v.checkEnd(at, noted, leaves)
	return nil
}

// checkEnd holds where a chain has ended against where it should have.
func (v *verification) checkEnd(at, noted tollgate.AuditHead, leaves []tollgate.AuditHead) {
	expected := noted.Length
	if len(leaves) > 0 {
		expected = max(expected, leaves[len(leaves)-1].Length)
	}
	if at.Length < expected {
		v.fault(Cut, at.Chain, at.Length+1, "chain %s ends with record %d and has had %d: its end was cut off", at.Chain, at.Length, expected)
		return
	}
	committed := int64(0)
	if all := v.leaves[at.Chain]; len(all) > 0 {
		committed = all[len(all)-1].Length
	}
	v.Uncommitted += at.Length - committed
}

// follows says whether a record is the next one. An export does not say under
// which number a record was stored.
func follows(at tollgate.AuditHead, begin []byte, record tollgate.AuditRecord) bool {
	return (record.Number == at.Length+1 || record.Number == 0) && bytes.HasPrefix(record.Line, begin)
}

// said is what a record says of its place.
type said struct {
	Chain    string
	Number   int64
	Previous string
}

// blame says what is wrong with a record that is not the next one.
func (v *verification) blame(ctx context.Context, at tollgate.AuditHead, record tollgate.AuditRecord) error {
	chain, next := at.Chain, at.Length+1
	var says said
	unreadable := json.Unmarshal(record.Line, &says)
	if record.Number > next || record.Number == 0 && says.Chain == chain && says.Number > next {
		later, err := v.standsLater(ctx, chain, next)
		if err != nil {
			return err
		}
		if !later {
			v.fault(Missing, chain, next, "record %d of chain %s is missing", next, chain)
			return nil
		}
	}
	switch {
	case unreadable != nil:
		v.fault(Edited, chain, next, "record %d of chain %s was edited: it is no JSON object any more", next, chain)
	case says.Chain != chain || says.Number != next:
		v.fault(Reordered, chain, next, "where record %d of chain %s belongs there is record %d of chain %s", next, chain, says.Number, says.Chain)
	case next == 1:
		v.fault(Edited, chain, 1, "record 1 of chain %s was edited: it is not the beginning of a chain", chain)
	case says.Previous == hex.EncodeToString(at.Hash[:]):
		v.fault(Edited, chain, next, "record %d of chain %s was edited: it is not written as records are", next, chain)
	default:
		v.fault(Edited, chain, at.Length, "record %d of chain %s was edited: record %d was bound to another one", at.Length, chain, next)
	}
	return nil
}

// standsLater says whether a record is there, though not in its place.
func (v *verification) standsLater(ctx context.Context, chain string, number int64) (bool, error) {
	for record, err := range v.trail.Lines(ctx, chain, 1) {
		if err != nil {
			return false, err
		}
		var says said
		if json.Unmarshal(record.Line, &says) == nil && says.Chain == chain && says.Number == number {
			return true, nil
		}
	}
	return false, nil
}

// prefix is how the line of the next record begins.
func prefix(at tollgate.AuditHead) []byte {
	return fmt.Appendf(make([]byte, 0, 192), `{"v":%d,"chain":%q,"number":%d,"previous":"%x",`, Version, at.Chain, at.Length+1, at.Hash)
}

// requests are the records of a chain that are about requests, by number: what
// each says beside its place, as a number that only this verification can compute.
// It is 0 where there is none, or where its row was seen.
type requests struct {
	says   []uint64 // from the one after before on
	before int64    // those that are given up
	count  int64
}

// print stands for what a record says after its place in the chain; 0 for one that
// is not about a request. The seed is made anew for each verification, so that
// nobody can have looked for another text with the same print.
func (v *verification) print(says []byte) uint64 {
	if !bytes.Contains(says[:min(len(says), headBound)], []byte(`"action":"request",`)) {
		return 0
	}
	return max(1, maphash.Bytes(v.seed, says))
}

func (r *requests) note(number int64, says uint64) {
	for int64(len(r.says)) < number-r.before {
		r.says = append(r.says, 0)
	}
	if r.says[number-r.before-1] = says; says != 0 {
		r.count++
	}
}

// headBound is more than what stands between a record's place and its action is
// long.
const headBound = 128

// has says whether a record with that number was read.
func (r *requests) has(number int64) bool {
	return r != nil && number > r.before && number-r.before <= int64(len(r.says))
}

// take says whether a record says that, and notes that its row was seen.
func (r *requests) take(number int64, says uint64) bool {
	at := number - r.before - 1
	if r.says[at] == 0 {
		return false
	}
	same := r.says[at] == says
	r.says[at] = 0
	r.count--
	return same
}

// first is the first one whose row was not seen.
func (r *requests) first() int64 {
	return r.before + 1 + int64(slices.IndexFunc(r.says, func(says uint64) bool { return says != 0 }))
}
