package audit

import (
	"archive/tar"
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"tollgate"
)

// What an export consists of.
const (
	readmeFile      = "README.txt"
	keyFile         = "verify.key"
	headFile        = "heads.txt"  // how far each chain has come, a line as in leaves.txt
	leafFile        = "leaves.txt" // chain, number, hash
	checkpointsFile = "checkpoints.jsonl"
	retiredFile     = "retired.txt"       // where chains begin whose first records are given up: a line as in leaves.txt
	retirementsFile = "retirements.jsonl" // what is signed of that
	chainFolder     = "chain/"            // a file of records for each, one line each
	chainEnding     = ".jsonl"
)

const readme = `An audit log of tollgate, as it was stored.

Each line of a file in chain/ is one record, letter by letter what was hashed.
The SHA-256 of a line, without the line feed, stands in "previous" of the next
one; that of a chain's last line stands in heads.txt:

  sed -n 1p chain/CHAIN.jsonl | tr -d '\n' | sha256sum

leaves.txt says how far chains had come when a checkpoint was taken; its lines
are the leaves of a Merkle tree (RFC 6962, 2.1). checkpoints.jsonl has the signed
notes that commit to that tree. Where the time of a chain's first records is over,
retired.txt says which is the last one that is gone: it is in leaves.txt too, and
one of the signed notes in retirements.jsonl names it. verify.key is the public key, which proves as
much as you trust where you have it from.

  tollgate audit verify --export FILE --key verify.key
`

// Source is a Trail that knows how long its chains are.
type Source interface {
	Trail
	// Size is how many bytes the records of a chain have with numbers above after,
	// up to through.
	Size(ctx context.Context, chain string, after, through int64) (int64, error)
}

// Export writes the whole log as a tar archive. key is the public one.
func Export(ctx context.Context, from Source, key string, at time.Time, to io.Writer) error {
	state, err := from.State(ctx)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(to)
	for _, file := range []struct{ name, text string }{
		{readmeFile, readme},
		{keyFile, key + "\n"},
		{headFile, linesOf(state.Heads, leafOf)},
		{leafFile, linesOf(state.Leaves, func(leaf string) string { return leaf })},
		{checkpointsFile, linesOf(state.Checkpoints, quoted)},
		{retiredFile, linesOf(state.Retired, leafOf)},
		{retirementsFile, linesOf(state.Retirements, quoted)},
	} {
		if err := writeHeader(archive, file.name, int64(len(file.text)), at); err != nil {
			return err
		}
		if _, err := io.WriteString(archive, file.text); err != nil {
			return err
		}
	}
	for _, head := range state.Heads {
		if err := exportChain(ctx, from, headOfChain(state.Retired, head.Chain).Length, head, at, archive); err != nil {
			return err
		}
	}
	return archive.Close()
}

func linesOf[T any](list []T, line func(T) string) string {
	var text strings.Builder
	for _, each := range list {
		text.WriteString(line(each) + "\n")
	}
	return text.String()
}

func quoted(text string) string {
	raw, _ := json.Marshal(text) // a string always marshals
	return string(raw)
}

func writeHeader(archive *tar.Writer, name string, size int64, at time.Time) error {
	return archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: at, Format: tar.FormatPAX})
}

// exportChain writes the records after those that are retired, up to the head; those
// that came after it are of another export.
func exportChain(ctx context.Context, from Source, retired int64, head tollgate.AuditHead, at time.Time, archive *tar.Writer) error {
	size, err := from.Size(ctx, head.Chain, retired, head.Length)
	if err != nil {
		return err
	}
	var count int64
	for record, err := range from.Lines(ctx, head.Chain, retired+1) { // a chain that was cut has fewer than its head says
		if err != nil {
			return err
		}
		if record.Number > head.Length {
			break
		}
		count++
	}
	if err := writeHeader(archive, chainFolder+head.Chain+chainEnding, size+count, at); err != nil {
		return err
	}
	out := bufio.NewWriter(archive)
	for record, err := range from.Lines(ctx, head.Chain, retired+1) {
		if err != nil {
			return err
		}
		if record.Number > head.Length {
			break
		}
		if _, err := fmt.Fprintf(out, "%s\n", record.Line); err != nil {
			return err
		}
	}
	return out.Flush()
}
