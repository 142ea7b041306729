// Package sink hands the audit log to others: a file, standard output, a program
// that takes signed batches, a collector of logs, a bucket whose objects are
// locked. What somebody else holds, nobody here can edit.
//
// Each sink is told on its own, in the order of each chain, until it has taken
// everything, and how far it has come is noted in the database after it has said
// so. It refuses to wait for a sink on behalf of another, of a request or of the
// end of the process, and to give anything up: what a sink does not take stays
// where it is.
//
// The invariant: nothing is noted as delivered that was not taken, and a
// checkpoint is handed over after every record that it commits to. A process that
// dies in between delivers again, with the same ID.
package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// Sink takes batches. Deliver makes one attempt and returns when it has ended, or
// soon after ctx has. nil means that the far end has all of the batch and answers
// for it; after an error the same batch comes again. The text of an error is for
// operators and holds nothing secret. Deliver is called by one goroutine at a time.
type Sink interface {
	Deliver(ctx context.Context, batch Batch) error
}

// Batch is some records of one chain in their order, or one checkpoint.
type Batch struct {
	Chain       string // empty: a checkpoint
	First, Last int64  // the numbers of the records; for a checkpoint the size of its tree
	Lines       [][]byte
	Note        string // of a checkpoint: as it was signed
}

// ID is the same whenever the same is delivered.
func (b Batch) ID() string {
	if b.Chain == "" {
		return fmt.Sprintf("checkpoint-%d", b.Last)
	}
	return fmt.Sprintf("%s-%d-%d", b.Chain, b.First, b.Last)
}

// JSONLines is one record a line, as it was hashed, each with a line break behind
// it. A checkpoint is an object with that one member.
func (b Batch) JSONLines() []byte {
	if b.Chain != "" {
		return append(bytes.Join(b.Lines, []byte("\n")), '\n')
	}
	line, _ := json.Marshal(struct { // a string always marshals
		Checkpoint string `json:"checkpoint"`
	}{b.Note})
	return append(line, '\n')
}
