package audit

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tollgate"
)

// retirement says up to where records are given up. It is a signed note: a line
// that says what it is, whose log it is, the size of the tree that commits to those
// records, a leaf of it for each chain that is given up further than before, and a
// line with the time. No checkpoint looks like it.
type retirement struct {
	origin string
	size   int64
	heads  []tollgate.AuditHead
	time   time.Time
}

const retirementTitle = "audit log retirement"

func (r retirement) text() string {
	return fmt.Sprintf("%s\n%s\n%d\n%s%s%s\n", retirementTitle, r.origin, r.size, linesOf(r.heads, leafOf), timePrefix, r.time.UTC().Format(timeLayout))
}

var errNoRetirement = errors.New("this is no retirement of records of an audit log")

// parseRetirement reads the text of a note.
func parseRetirement(text string) (r retirement, err error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 4 {
		return r, errNoRetirement
	}
	r.origin = lines[1]
	last := len(lines) - 1
	size, err1 := strconv.ParseInt(lines[2], 10, 64)
	heads, err2 := readHeads(lines[3:last])
	at, err3 := time.Parse(timeLayout, strings.TrimPrefix(lines[last], timePrefix))
	if r.size, r.heads, r.time = size, heads, at; errors.Join(err1, err2, err3) != nil || r.text() != text {
		return r, errNoRetirement
	}
	return r, nil
}

// openRetirement reads a signed one.
func openRetirement(signed string, keys note.Verifiers) (r retirement, err error) {
	opened, err := note.Open([]byte(signed), keys)
	if err != nil {
		return r, err
	}
	r, err = parseRetirement(opened.Text)
	if err == nil && r.origin != opened.Sigs[0].Name {
		err = errNoRetirement
	}
	return r, err
}

// Retire signs that the records are given up which a checkpoint commits to. leaves
// are those of its tree that no retirement has had; it returns the last of each
// chain. What the database says of the checkpoint's age is not believed: whoever
// has the database could have young records given up.
func (n *Notary) Retire(checkpoint string, size int64, leaves []string, before, at time.Time) (heads []tollgate.AuditHead, signed string, err error) {
	if !n.signedBefore(checkpoint, size, before) {
		return nil, "", tollgate.Errorf(tollgate.Internal, "a checkpoint of the audit log is not what was signed, or not as old as the database says: nothing is given up; \"tollgate audit verify\" says what is still proved")
	}
	for _, leaf := range leaves {
		head, ok := headOf(leaf)
		if !ok {
			return nil, "", tollgate.Errorf(tollgate.Internal, "a leaf of the audit log's tree cannot be read; \"tollgate audit verify\" says what is still proved")
		}
		heads = slices.DeleteFunc(heads, func(earlier tollgate.AuditHead) bool { return earlier.Chain == head.Chain })
		heads = append(heads, head)
	}
	r := retirement{origin: n.signer.Name(), size: size, heads: heads, time: at}
	text, err := note.Sign(&note.Note{Text: r.text()}, n.signer)
	return heads, string(text), err
}

// signedBefore says whether a checkpoint of a tree of that size is this notary's own,
// taken before a moment. Ed25519 signs the same text in the same way each time.
func (n *Notary) signedBefore(checkpoint string, size int64, before time.Time) bool {
	text, _, _ := strings.Cut(checkpoint, "\n\n")
	c, err := parseCheckpoint(text + "\n")
	if err != nil || c.Size != size || !c.Time.Before(before) {
		return false
	}
	again, err := note.Sign(&note.Note{Text: c.text()}, n.signer)
	return err == nil && string(again) == checkpoint
}

// checkRetired holds where chains begin against what is signed of it: that their
// first records are given up, and what the last of those was.
func (v *verification) checkRetired(state tollgate.AuditState) {
	given := map[tollgate.AuditHead]bool{}
	for i, signed := range state.Retirements {
		r, err := openRetirement(signed, v.keys)
		if err != nil {
			v.fault(Unsigned, "", 0, "retirement %d of the log is not signed by a key that is trusted here (%v)", i+1, err)
		}
		for _, head := range r.heads {
			given[head] = given[head] || err == nil
		}
	}
	for _, head := range state.Retired {
		v.begin[head.Chain] = head
		switch {
		case !given[head]:
			v.fault(Missing, head.Chain, 1, "the first %d records of chain %s are missing, and nothing that is signed gives them up", head.Length, head.Chain)
		case !slices.Contains(v.leaves[head.Chain], head):
			v.fault(Forked, head.Chain, head.Length, "the first %d records of chain %s were given up as others than those that a checkpoint had committed to", head.Length, head.Chain)
		default:
			v.Retired += head.Length
		}
	}
}
