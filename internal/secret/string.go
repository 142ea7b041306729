// Package secret keeps credentials from being shown by accident.
//
// A String prints as "[redacted]" under every verb of package fmt, in every
// encoding and in every log; the one way to read it is Reveal, which can be
// searched for. It refuses to guess what is secret: whoever reads a credential
// puts it into a String at once. It does not hide the text from a debugger or
// a core dump.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a secret shows of itself.
const Redacted = "[redacted]"

// String is a text that must not be shown. The zero String holds nothing and
// prints as nothing. It cannot be compared with ==, since that would not take
// constant time.
type String struct {
	// reveal is a closure because package fmt and package reflect walk into
	// every other kind of field, unexported or not, when the String itself
	// stands in an unexported field and its methods cannot be called.
	reveal func() string
}

// New keeps text secret. The empty text makes the zero String.
func New(text string) String {
	if text == "" {
		return String{}
	}
	return String{reveal: func() string { return text }}
}

// Reveal returns the text itself.
func (s String) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero says whether there is no text.
func (s String) IsZero() bool { return s.reveal == nil }

// String is "[redacted]", or nothing for the zero String.
func (s String) String() string {
	if s.IsZero() {
		return ""
	}
	return Redacted
}

// Format prints the same for every verb and flag.
func (s String) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, s.String()) }

// LogValue is what package slog writes.
func (s String) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText serves every encoding of text: JSON, YAML, XML, flags.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalBinary serves the encodings of bytes, such as gob.
func (s String) MarshalBinary() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText keeps text secret from the moment it is read.
func (s *String) UnmarshalText(text []byte) error {
	*s = New(string(text))
	return nil
}
