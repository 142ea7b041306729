package handover

import (
	"reflect"
	"strings"
	"testing"
)

func TestMessagesAreReadAsTheyWereWritten(t *testing.T) {
	for _, m := range []message{
		{Say: hello, Version: 1, PID: 7, Takeover: true},
		{Say: refused, Reason: "a\nb"},
		{Say: yours, Sockets: []Label{{Name: "listen.address", Address: ":80", Given: true}}},
	} {
		line, err := m.encode()
		if err != nil || strings.Count(string(line), "\n") != 1 {
			t.Fatalf("%q, %v", line, err)
		}
		if back, err := decode(line); err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%+v comes back as %+v, %v", m, back, err)
		}
	}
	if _, err := (message{Reason: strings.Repeat("x", messageBound)}).encode(); err == nil {
		t.Error("a message that nobody would read is sent")
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"say":"yours","sockets":[{}]}`, `{"say":1}`, `{"sockets":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		m, err := decode(line)
		if err != nil {
			return
		}
		if len(m.Sockets) > socketBound {
			t.Errorf("%d sockets", len(m.Sockets))
		}
		text, err := m.encode()
		if err != nil {
			return // it grew by escapes
		}
		if back, err := decode(text); err != nil || !reflect.DeepEqual(back, m) && len(m.Sockets) > 0 {
			t.Errorf("%q comes back as %+v, %v", line, back, err)
		}
	})
}
