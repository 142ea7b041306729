package audit

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"tollgate"
)

// Archive is an export that was opened: a Trail without a database.
type Archive struct {
	from   io.ReaderAt
	state  tollgate.AuditState
	chains map[string]section
	Key    string // that stands in the export; it proves as much as the way the export came
}

// section is where the records of a chain stand in the file.
type section struct{ offset, size int64 }

// maxText bounds what is read of an export beside records, and maxLine a record,
// in bytes.
const (
	maxText = 1 << 30
	maxLine = 16 << 20
)

// OpenArchive finds its way through an export, which stays open for its records.
// The error says what is wrong with it.
func OpenArchive(from io.ReadSeeker) (*Archive, error) {
	at, ok := from.(io.ReaderAt)
	if !ok {
		return nil, errors.New("an export is read from a file")
	}
	a := &Archive{from: at, chains: map[string]section{}}
	archive := tar.NewReader(from)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return a, a.whole()
		}
		if err != nil {
			return nil, fmt.Errorf("the export cannot be read: %w", err)
		}
		offset, err := from.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		if err := a.file(header, offset, archive); err != nil {
			return nil, fmt.Errorf("the export's file %s cannot be read: %w", header.Name, err)
		}
	}
}

var errNoExport = errors.New("this is no export of an audit log: heads.txt is missing")

func (a *Archive) whole() error {
	if a.state.Heads == nil {
		return errNoExport
	}
	return nil
}

func (a *Archive) file(header *tar.Header, offset int64, content io.Reader) (err error) {
	if chain, found := strings.CutPrefix(header.Name, chainFolder); found {
		a.chains[strings.TrimSuffix(chain, chainEnding)] = section{offset, header.Size}
		return nil
	}
	if header.Size > maxText {
		return errors.New("it is longer than any such file")
	}
	text, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(text) == 0 {
		lines = nil
	}
	switch header.Name {
	case keyFile:
		a.Key = strings.TrimSpace(string(text))
	case leafFile:
		a.state.Leaves = lines
	case headFile:
		a.state.Heads, err = readHeads(lines)
	case checkpointsFile:
		a.state.Checkpoints, err = readNotes(lines)
	case retiredFile:
		a.state.Retired, err = readHeads(lines)
	case retirementsFile:
		a.state.Retirements, err = readNotes(lines)
	}
	return err
}

func readHeads(lines []string) ([]tollgate.AuditHead, error) {
	heads := []tollgate.AuditHead{}
	for _, line := range lines {
		head, ok := headOf(line)
		if !ok {
			return nil, fmt.Errorf("%.100q says nothing of a chain", line)
		}
		heads = append(heads, head)
	}
	return heads, nil
}

func readNotes(lines []string) ([]string, error) {
	notes := make([]string, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &notes[i]); err != nil {
			return nil, err
		}
	}
	return notes, nil
}

// State implements Trail.
func (a *Archive) State(context.Context) (tollgate.AuditState, error) { return a.state, nil }

// Lines implements Trail. Records have no number there but the one that they say.
func (a *Archive) Lines(ctx context.Context, chain string, from int64) iter.Seq2[tollgate.AuditRecord, error] {
	return func(yield func(tollgate.AuditRecord, error) bool) {
		at, found := a.chains[chain]
		if !found {
			yield(tollgate.AuditRecord{}, tollgate.Errorf(tollgate.NotFound, "there is no chain %q in the export", chain))
			return
		}
		lines := bufio.NewScanner(io.NewSectionReader(a.from, at.offset, at.size))
		lines.Buffer(nil, maxLine)
		for number := headOfChain(a.state.Retired, chain).Length + 1; lines.Scan(); number++ {
			if number >= from && !yield(tollgate.AuditRecord{Chain: chain, Line: bytes.Clone(lines.Bytes())}, ctx.Err()) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(tollgate.AuditRecord{}, fmt.Errorf("chain %s cannot be read: %w", chain, err))
		}
	}
}
