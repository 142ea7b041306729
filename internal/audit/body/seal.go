package body

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"tollgate"
)

// Label is what can be read of a sealed body without opening it: whose it is.
type Label struct {
	Person  string // "psn_…", or "service:" and its name
	Request string
	Part    tollgate.BodyPart
}

// magic begins every file. The number is the format's.
const magic = "tollgate-body 1"

// labelBytes bounds the line of a label.
const labelBytes = 1 << 10

// line is the label as the file begins with it.
func (l Label) line() string {
	text, _ := json.Marshal([]string{l.Person, l.Request, string(l.Part)}) // texts always marshal
	return magic + " " + string(text) + "\n"
}

// ReadLabel reads the first line of a sealed body, and leaves r at what is
// encrypted. The error says that it is none.
func ReadLabel(r *bufio.Reader) (l Label, err error) {
	var line []byte
	for len(line) < labelBytes {
		b, err := r.ReadByte()
		if err != nil {
			return l, errNotSealed.Because(err)
		}
		if b == '\n' {
			return parseLabel(string(line))
		}
		line = append(line, b)
	}
	return l, errNotSealed
}

func parseLabel(line string) (l Label, err error) {
	text, found := strings.CutPrefix(line, magic+" ")
	var fields []string
	if !found || json.Unmarshal([]byte(text), &fields) != nil || len(fields) != 3 {
		return l, errNotSealed
	}
	l = Label{Person: fields[0], Request: fields[1], Part: tollgate.BodyPart(fields[2])}
	if l.line() != line+"\n" {
		return l, errNotSealed
	}
	return l, nil
}

var errNotSealed = tollgate.Errorf(tollgate.Invalid, "this is not a sealed body, or its beginning is damaged; restore the file from a backup")

// Note is what is sealed with a body, in front of it. It says which one it is,
// so that nobody can pass one off as another.
type Note struct {
	Request  string            `json:"request"`
	Part     tollgate.BodyPart `json:"part"`
	Digest   string            `json:"digest"`             // of the body as it came, as its record has it
	Bytes    int64             `json:"bytes"`              // of the body as it came
	Form     string            `json:"form,omitempty"`     // "messages": kept in the form of the Messages API, not as the client got it
	Redacted map[string]int    `json:"redacted,omitempty"` // how many passages, by name
}

// sealer makes files. It belongs to one goroutine.
type sealer struct {
	packer   *zstd.Encoder
	redacted []byte
	packed   bytes.Buffer
}

func newSealer() *sealer {
	packer, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20)) // the options are good
	return &sealer{packer: packer}
}

// seal returns the file of a body, good until the next call.
func (s *sealer) seal(label Label, note Note, text []byte, redactor *Redactor, to age.Recipient) ([]byte, error) {
	s.redacted, note.Redacted = redactor.Redact(s.redacted[:0], text)
	head, err := json.Marshal(note)
	if err != nil {
		return nil, err
	}
	s.packed.Reset()
	s.packed.WriteString(label.line())
	lock, err := age.Encrypt(&s.packed, to)
	if err != nil {
		return nil, err
	}
	s.packer.Reset(lock)
	for _, piece := range [][]byte{head, []byte("\n"), s.redacted} {
		if _, err := s.packer.Write(piece); err != nil {
			return nil, err
		}
	}
	if err := s.packer.Close(); err != nil {
		return nil, err
	}
	if err := lock.Close(); err != nil {
		return nil, err
	}
	return s.packed.Bytes(), nil
}

// keptBuffer is how much memory a sealer keeps for the next body, in bytes.
const keptBuffer = 1 << 20

// rest lets go of what an unusually large body has taken.
func (s *sealer) rest() {
	if cap(s.redacted) > keptBuffer {
		s.redacted = nil
	}
	if s.packed.Cap() > keptBuffer {
		s.packed = bytes.Buffer{}
	}
}

// NewPersonKey makes a pair of keys for a person, and forgets the private one:
// it is in what is returned only as the recipients can open it.
func NewPersonKey(person string, recipients []age.Recipient, digest string, at time.Time) (tollgate.PersonKey, error) {
	pair, err := age.GenerateX25519Identity()
	if err != nil {
		return tollgate.PersonKey{}, err
	}
	var wrapped bytes.Buffer
	lock, err := age.Encrypt(&wrapped, recipients...)
	if err != nil {
		return tollgate.PersonKey{}, fmt.Errorf("the key of %s cannot be wrapped: %w", person, err)
	}
	if _, err := io.WriteString(lock, pair.String()); err != nil {
		return tollgate.PersonKey{}, err
	}
	if err := lock.Close(); err != nil {
		return tollgate.PersonKey{}, err
	}
	return tollgate.PersonKey{Public: pair.Recipient().String(), Person: person, Recipients: digest, Wrapped: wrapped.Bytes(), CreatedAt: at}, nil
}
