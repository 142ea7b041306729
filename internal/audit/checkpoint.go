package audit

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tollgate"
)

// Checkpoint commits to every record that any chain had when it was taken. It is
// a signed note whose text is a checkpoint as transparency logs have them: whose
// it is, the size of the tree, its root (C2SP tlog-checkpoint, 2026-11-24), and
// a line with the time.
type Checkpoint struct {
	Origin string
	Size   int64 // leaves of the tree
	Root   tlog.Hash
	Time   time.Time
}

func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n%s%s\n", c.Origin, c.Size, c.Root, timePrefix, c.Time.UTC().Format(timeLayout))
}

const timePrefix = "time "

var errNoCheckpoint = errors.New("this is no checkpoint of an audit log")

// parseCheckpoint reads the text of a note.
func parseCheckpoint(text string) (c Checkpoint, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[3], timePrefix) {
		return c, errNoCheckpoint
	}
	c.Origin = lines[0]
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := tlog.ParseHash(lines[2])
	at, err3 := time.Parse(timeLayout, strings.TrimPrefix(lines[3], timePrefix))
	if c.Size, c.Root, c.Time = size, root, at; errors.Join(err1, err2, err3) != nil || c.text() != text {
		return c, errNoCheckpoint
	}
	return c, nil
}

// GenerateKey makes the key that signs the checkpoints of the log of this name,
// which must hold neither space nor plus, and the public one that proves them.
func GenerateKey(name string) (private, public string, err error) {
	return note.GenerateKey(rand.Reader, name)
}

// Notary takes checkpoints. It may be used by many goroutines.
type Notary struct{ signer note.Signer }

// NewNotary makes the notary that signs with this private key.
func NewNotary(private string) (*Notary, error) {
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, fmt.Errorf("the key that signs checkpoints cannot be read: %w", err)
	}
	return &Notary{signer}, nil
}

// Commit adds a leaf for each head to the tree of this size, and returns what
// has to be stored: the leaves, the nodes behind those that are there, and the
// signed checkpoint of the tree that it then is.
func (n *Notary) Commit(size int64, read func(positions []int64) ([]tollgate.AuditHash, error), heads []tollgate.AuditHead, at time.Time) (leaves []string, nodes []tollgate.AuditHash, signed string, err error) {
	t := growing(size, read)
	for _, head := range heads {
		leaves = append(leaves, leafOf(head))
		if err := t.add(leafOf(head)); err != nil {
			return nil, nil, "", err
		}
	}
	root, err := t.root()
	if err != nil {
		return nil, nil, "", err
	}
	for _, node := range t.fresh {
		nodes = append(nodes, tollgate.AuditHash(node))
	}
	c := Checkpoint{Origin: n.signer.Name(), Size: t.size, Root: root, Time: at}
	text, err := note.Sign(&note.Note{Text: c.text()}, n.signer)
	return leaves, nodes, string(text), err
}

// Open reads a signed checkpoint. The error says that it is none, or that no key
// of these has signed it.
func Open(signed string, keys note.Verifiers) (Checkpoint, error) {
	opened, err := note.Open([]byte(signed), keys)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := parseCheckpoint(opened.Text)
	if err == nil && c.Origin != opened.Sigs[0].Name {
		err = errNoCheckpoint
	}
	return c, err
}
