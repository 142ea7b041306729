package sse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestSplitter(t *testing.T) {
	for _, test := range []struct {
		name, stream string
		want         string // type|data, one event after another
	}{
		{"one event", "event: ping\ndata: {}\n\n", "ping|{};"},
		{"no event line", "data: {}\n\n", "|{};"},
		{"event line last", "data: {}\nevent: ping\n\n", "ping|{};"},
		{"the last event line counts", "event: a\nevent: b\ndata: 1\n\n", "b|1;"},
		{"no space behind the colon", "event:ping\ndata:{}\n\n", "ping|{};"},
		{"one space goes, the second stays", "data:  x\n\n", "| x;"},
		{"CRLF", "event: ping\r\ndata: {}\r\n\r\ndata: 2\r\n\r\n", "ping|{};|2;"},
		{"CR alone", "event: ping\rdata: {}\r\rdata: 2\r\r", "ping|{};|2;"},
		{"all three", "data: 1\rdata: 2\r\ndata: 3\n\r\ndata: 4\n\r", "|1\n2\n3;|4;"},
		{"comments", ": hello\n\n:\n\ndata: 1\n: between\ndata: 2\n\n", "|1\n2;"},
		{"several data lines", "data: {\ndata:\ndata: }\n\n", "|{\n\n};"},
		{"empty data", "data\n\ndata:\n\n", "|;|;"},
		{"an event without data is none", "event: ping\n\ndata: 1\n\n", "|1;"},
		{"byte order mark", "\ufeffdata: 1\n\n\ufeffdata: 2\n\n", "|1;"},
		{"other fields", "id: 7\nretry: 10\ndatum: x\ndata: 1\n\n", "|1;"},
		{"no blank line at the end", "data: 1\n\ndata: 2\n", "|1;|2;"},
		{"no line end at the end", "data: 1\n\ndata: 2", "|1;|2;"},
		{"blank lines in a row", "\n\n\ndata: 1\n\n\n\n", "|1;"},
		{"too long, then one that is not", "data: " + strings.Repeat("x", 80) + "\nevent: e\n\ndata: 2\n\n", "|2;"},
		{"too long in many lines", strings.Repeat("data: 0123456789\n", 6) + "\ndata: 2\n\n", "|2;"},
		{"just as long as allowed", "data: " + strings.Repeat("x", 58) + "\n\n", "|" + strings.Repeat("x", 58) + ";"},
		{"as long behind a byte order mark", "\ufeffdata: " + strings.Repeat("x", 58) + "\n\n", "|" + strings.Repeat("x", 58) + ";"},
		{"nothing", "", ""},
	} {
		for size := 1; size <= len(test.stream)+1; size++ {
			if got := split(test.stream, func(int) int { return size }); got != test.want {
				t.Errorf("%s, in chunks of %d:\n got %q\nwant %q", test.name, size, got, test.want)
				break
			}
		}
	}
}

const testLimit = 64

// split feeds a stream in chunks, each in memory that is overwritten as soon
// as Feed returns.
func split(stream string, size func(at int) int) string {
	var got strings.Builder
	s := NewSplitter(testLimit, func(e Event) { fmt.Fprintf(&got, "%s|%s;", e.Type, e.Data) })
	for at := 0; at < len(stream); {
		chunk := []byte(stream[at:min(len(stream), at+size(at))])
		at += len(chunk)
		s.Feed(chunk)
		s.Feed(nil)
		copy(chunk, bytes.Repeat([]byte{'#'}, len(chunk)))
	}
	s.End()
	return got.String()
}

func TestSplitterKeepsNoMoreThanTheBound(t *testing.T) {
	s := NewSplitter(testLimit, func(Event) {})
	for range 1000 {
		s.Feed([]byte("data: 0123456789"))
	}
	s.Feed([]byte("\n"))
	for range 1000 {
		s.Feed([]byte("data: 0123456789\n"))
	}
	if kept := cap(s.line) + cap(s.event.dataBuffer) + cap(s.event.kindBuffer); kept > 8*testLimit {
		t.Errorf("%d bytes are kept for events of at most %d", kept, testLimit)
	}
}

func TestSplitterLetsLongBuffersGo(t *testing.T) {
	s := NewSplitter(1<<20, func(Event) {})
	long := []byte("event: " + strings.Repeat("e", 100_000) + "\ndata: " + strings.Repeat("x", 500_000) + "\n\n")
	for rest := long; len(rest) > 0; {
		n := min(4096, len(rest))
		s.Feed(rest[:n])
		rest = rest[n:]
	}
	if kept := cap(s.line) + cap(s.event.dataBuffer) + cap(s.event.kindBuffer); kept > 3*maxKept {
		t.Errorf("%d bytes are kept after a long event", kept)
	}
}

// FuzzSplitter holds the splitter to one answer, however a stream is cut, and
// to a plain reading of the rules by the line.
func FuzzSplitter(f *testing.F) {
	for _, seed := range []string{
		"event: ping\ndata: {}\n\n", "\ufeffdata: 1\r\n\r\ndata: 2\r\r", ": c\n\ndata: a\ndata: b\n\n", "data", "\r\n\r", "data: " + strings.Repeat("x", 70) + "\n\ndata: 1\n\n",
	} {
		f.Add(seed, uint64(0x0123456789abcdef))
	}
	f.Fuzz(func(t *testing.T, stream string, cuts uint64) {
		whole := split(stream, func(int) int { return len(stream) })
		cut := split(stream, func(at int) int { return 1 + int(cuts>>(at%16*4)&15) })
		if whole != cut {
			t.Fatalf("in one piece %q, in several %q", whole, cut)
		}
		if plain := readPlainly(stream); whole != plain {
			t.Fatalf("the splitter says %q, a plain reading %q", whole, plain)
		}
	})
}

// readPlainly reads a whole stream in the slow and obvious way.
func readPlainly(stream string) string {
	stream = strings.TrimPrefix(stream, "\ufeff")
	stream = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(stream) + "\n\n"
	var got strings.Builder
	for block := range strings.SplitSeq(stream, "\n\n") {
		var kind string
		var data []string
		length := 0
		for line := range strings.SplitSeq(block, "\n") {
			length += len(line)
			name, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch name {
			case "event":
				kind = value
			case "data":
				data = append(data, value)
			}
		}
		if data != nil && length <= testLimit {
			fmt.Fprintf(&got, "%s|%s;", kind, strings.Join(data, "\n"))
		}
	}
	return got.String()
}

// BenchmarkSplitter feeds a burst of deltas of about 150 bytes, as one read
// returns them, and says what one event costs.
func BenchmarkSplitter(b *testing.B) {
	const events = 200
	delta := "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + strings.Repeat("word ", 8) + "\"}}\n\n"
	burst := []byte(strings.Repeat(delta, events))
	for _, size := range []int{len(burst), 4096, 100} {
		b.Run(fmt.Sprintf("chunk=%d", size), func(b *testing.B) {
			found := 0
			s := NewSplitter(1<<20, func(Event) { found++ })
			b.SetBytes(int64(len(burst)))
			b.ReportAllocs()
			for b.Loop() {
				for rest := burst; len(rest) > 0; {
					n := min(size, len(rest))
					s.Feed(rest[:n])
					rest = rest[n:]
				}
			}
			if found != b.N*events {
				b.Fatalf("%d events in %d bursts", found, b.N)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(found), "ns/event")
		})
	}
}
