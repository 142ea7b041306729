package audit

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"tollgate"
)

// leafOf is the leaf that says how far a chain had come.
func leafOf(head tollgate.AuditHead) string {
	return fmt.Sprintf("%s %d %s", head.Chain, head.Length, hex.EncodeToString(head.Hash[:]))
}

// headOf reads a leaf.
func headOf(leaf string) (head tollgate.AuditHead, ok bool) {
	parts := strings.Split(leaf, " ")
	if len(parts) != 3 {
		return head, false
	}
	length, err := strconv.ParseInt(parts[1], 10, 64)
	hash, err2 := hex.DecodeString(parts[2])
	if err != nil || err2 != nil || length < 0 || len(hash) != len(head.Hash) {
		return head, false
	}
	head = tollgate.AuditHead{Chain: parts[0], Length: length}
	copy(head.Hash[:], hash)
	return head, leafOf(head) == leaf
}

// Nodes reads nodes of the tree by their positions, which the tlog package gives
// them.
type Nodes func(positions []int64) ([]tollgate.AuditHash, error)

// tree is a Merkle tree that grows. Its first nodes are stored, the others are
// in memory.
type tree struct {
	size   int64 // leaves
	stored int64 // nodes
	read   Nodes
	fresh  []tlog.Hash
}

func growing(size int64, read Nodes) *tree {
	return &tree{size: size, stored: tlog.StoredHashCount(size), read: read}
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(positions []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(positions))
	var old []int64
	for i, position := range positions {
		if position < t.stored {
			old = append(old, position)
		} else {
			found[i] = t.fresh[position-t.stored]
		}
	}
	if len(old) == 0 {
		return found, nil
	}
	nodes, err := t.read(old)
	if err != nil {
		return nil, err
	}
	for i, position := range positions {
		if position < t.stored {
			found[i], nodes = tlog.Hash(nodes[0]), nodes[1:]
		}
	}
	return found, nil
}

func (t *tree) add(leaf string) error {
	nodes, err := tlog.StoredHashes(t.size, []byte(leaf), t)
	if err != nil {
		return err
	}
	t.size++
	t.fresh = append(t.fresh, nodes...)
	return nil
}

func (t *tree) root() (tlog.Hash, error) { return tlog.TreeHash(t.size, t) }
