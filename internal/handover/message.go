package handover

import (
	"encoding/json"
	"errors"
	"fmt"
)

// word is what a message says. The successor says hello, ready and serving;
// its predecessor answers go or refused, and yours. The two speak in turn.
type word string

const (
	hello   word = "hello"   // may I take over?
	goAhead word = "go"      // prepare yourself
	refused word = "refused" // no, because of the reason
	ready   word = "ready"   // nothing can fail any more that needs no lock
	yours   word = "yours"   // the sockets, with this message; everything else is free
	serving word = "serving" // you may go
)

// message is one line of JSON on the wire. Descriptors travel beside it, one
// for each of the sockets and in their order.
type message struct {
	Say      word    `json:"say"`
	Version  int     `json:"version,omitempty"`  // hello
	PID      int     `json:"pid,omitempty"`      // hello, go
	Takeover bool    `json:"takeover,omitempty"` // hello
	Reason   string  `json:"reason,omitempty"`   // refused
	Sockets  []Label `json:"sockets,omitempty"`  // yours
}

// Label says what a socket is for.
type Label struct {
	// Name is the member of the configuration that it was opened for, or
	// whatever else both processes understand.
	Name string `json:"name"`
	// Address is what that member said.
	Address string `json:"address"`
	// Given: a supervisor opened it, and it is right whatever a member says.
	Given bool `json:"given,omitempty"`
}

// Bounds of one message.
const (
	messageBound = 16 << 10 // bytes
	socketBound  = 16
)

var errLong = errors.New("the other process sends a message that is too long")

func (m message) encode() ([]byte, error) {
	line, err := json.Marshal(m)
	if err == nil && len(line) >= messageBound {
		err = errLong
	}
	return append(line, '\n'), err
}

func decode(line []byte) (m message, err error) {
	if err := json.Unmarshal(line, &m); err != nil {
		return message{}, fmt.Errorf("the other process sends what is no message: %w", err)
	}
	if len(m.Sockets) > socketBound {
		return message{}, errors.New("the other process sends too many sockets")
	}
	return m, nil
}
