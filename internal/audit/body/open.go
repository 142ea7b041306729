package body

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"tollgate"
)

// Opened is a body that was opened.
type Opened struct {
	Label
	Note Note
	Text []byte
}

// openedBytes bounds what one file may unpack to.
const openedBytes = 1 << 30

// ReadIdentities reads an identity file as age-keygen writes it.
func ReadIdentities(file io.Reader) ([]age.Identity, error) {
	identities, err := age.ParseIdentities(file)
	if err != nil {
		return nil, tollgate.Errorf(tollgate.Invalid, "the identity file holds no identity of age; it is the file that age-keygen wrote, with a line AGE-SECRET-KEY-1…").Because(err)
	}
	return identities, nil
}

// Open opens a sealed body with the identity of a recipient: first the private
// key of the person, then the body. Errors are sentences.
func Open(sealed []byte, keys []tollgate.PersonKey, identities []age.Identity) (*Opened, error) {
	r := bufio.NewReader(bytes.NewReader(sealed))
	label, err := ReadLabel(r)
	if err != nil {
		return nil, err
	}
	persons, err := unwrap(keys, identities)
	if err != nil {
		return nil, err
	}
	unlocked, err := age.Decrypt(r, persons...)
	if wrong := (*age.NoIdentityMatchError)(nil); errors.As(err, &wrong) {
		return nil, tollgate.Errorf(tollgate.Forbidden, "this identity does not open the body: it was sealed when other recipients were configured; use the identity of one of those").Because(err)
	}
	if err != nil {
		return nil, errDamaged.Because(err)
	}
	opened := &Opened{Label: label}
	if opened.Note, opened.Text, err = unpack(unlocked); err != nil {
		return nil, err
	}
	if opened.Note.Request != label.Request || opened.Note.Part != label.Part {
		return nil, tollgate.Errorf(tollgate.Conflict, "the file says that it is the %s of %s, and what is sealed in it is another body; somebody has changed the file", label.Part, label.Request)
	}
	return opened, nil
}

var errDamaged = tollgate.Errorf(tollgate.Invalid, "the sealed body is damaged or was changed; restore the file from a backup")

var errNoKey = tollgate.Errorf(tollgate.NotFound, "there is no key any more for this body: it was destroyed, and nobody can open the body")

// unwrap opens the private keys that the identities open.
func unwrap(keys []tollgate.PersonKey, identities []age.Identity) (persons []age.Identity, err error) {
	if len(keys) == 0 {
		return nil, errNoKey
	}
	for _, key := range keys {
		unlocked, failed := age.Decrypt(bytes.NewReader(key.Wrapped), identities...)
		if failed != nil {
			err = failed
			continue
		}
		text, failed := io.ReadAll(io.LimitReader(unlocked, 1<<10))
		if failed != nil {
			err = failed
			continue
		}
		person, failed := age.ParseX25519Identity(string(text))
		if failed != nil {
			err = failed
			continue
		}
		persons = append(persons, person)
	}
	if len(persons) == 0 {
		return nil, tollgate.Errorf(tollgate.Forbidden, "this identity opens none of the keys of the person whose body it is; use the identity of one of audit.recipients").Because(err)
	}
	return persons, nil
}

// unpack reads what was encrypted.
func unpack(from io.Reader) (note Note, text []byte, err error) {
	unpacker, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return note, nil, errDamaged.Because(err)
	}
	defer unpacker.Close()
	all, err := io.ReadAll(io.LimitReader(unpacker, openedBytes+1))
	if err != nil {
		return note, nil, errDamaged.Because(err)
	}
	head, text, found := bytes.Cut(all, []byte("\n"))
	if len(all) > openedBytes || !found || json.Unmarshal(head, &note) != nil {
		return note, nil, errDamaged
	}
	return note, text, nil
}
