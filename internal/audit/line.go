package audit

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"tollgate"
)

// Version is the format of the lines that are written. A line is a JSON object
// without space in it, its members in the order in which they are written here;
// those that say nothing are left out.
const Version = 1

// timeLayout is UTC to the microsecond, as everything is stored.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// line is a JSON object that is being written.
type line struct{ bytes []byte }

// begin writes what every record begins with. The hash of the record before is
// in it, which makes a chain of them.
func begin(room int, head tollgate.AuditHead, at time.Time, action tollgate.AuditAction) *line {
	l := &line{make([]byte, 0, room)}
	l.bytes = append(l.bytes, `{"v":`...)
	l.bytes = strconv.AppendInt(l.bytes, Version, 10)
	l.text("chain", head.Chain)
	l.number("number", head.Length+1)
	l.name("previous")
	l.bytes = append(hex.AppendEncode(append(l.bytes, '"'), head.Hash[:]), '"')
	l.name("time")
	l.bytes = append(at.UTC().AppendFormat(append(l.bytes, '"'), timeLayout), '"')
	l.text("action", string(action))
	return l
}

func (l *line) end() []byte { return append(l.bytes, '}') }

func (l *line) name(name string) {
	if last := l.bytes[len(l.bytes)-1]; last != '{' {
		l.bytes = append(l.bytes, ',')
	}
	l.bytes = append(append(append(l.bytes, '"'), name...), '"', ':')
}

// text, number and yes leave out what says nothing.

func (l *line) text(name, value string) {
	if value != "" {
		l.name(name)
		l.quote(value)
	}
}

func (l *line) number(name string, value int64) {
	if value != 0 {
		l.name(name)
		l.bytes = strconv.AppendInt(l.bytes, value, 10)
	}
}

func (l *line) yes(name string, value bool) {
	if value {
		l.name(name)
		l.bytes = append(l.bytes, "true"...)
	}
}

func (l *line) raw(name string, value []byte) {
	if len(value) > 0 {
		l.name(name)
		l.bytes = append(l.bytes, value...)
	}
}

// texts writes a list.
func (l *line) texts(name string, values []string) {
	if len(values) == 0 {
		return
	}
	l.name(name)
	for i, value := range values {
		l.bytes = append(l.bytes, "[,"[min(i, 1)])
		l.quote(value)
	}
	l.bytes = append(l.bytes, ']')
}

// objects writes a list of n objects.
func (l *line) objects(name string, n int, write func(i int)) {
	if n == 0 {
		return
	}
	l.name(name)
	for i := range n {
		l.bytes = append(l.bytes, "[,"[min(i, 1)], '{')
		write(i)
		l.close()
	}
	l.bytes = append(l.bytes, ']')
}

// open begins an object inside; close ends it.
func (l *line) open(name string) {
	l.name(name)
	l.bytes = append(l.bytes, '{')
}

func (l *line) close() { l.bytes = append(l.bytes, '}') }

// quote writes a text as JSON has it. What is no UTF-8 becomes the character
// that stands for that.
func (l *line) quote(text string) {
	if plain(text) {
		l.bytes = append(append(append(l.bytes, '"'), text...), '"')
		return
	}
	quoted, _ := json.Marshal(text) // a string always marshals
	l.bytes = append(l.bytes, quoted...)
}

// plain says whether a text is written as it is.
func plain(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b >= utf8.RuneSelf || b == '"' || b == '\\' || b == '<' || b == '>' || b == '&' {
			return false
		}
	}
	return true
}
