package meter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"tollgate"
)

// answer is one file of testdata/answers: what a provider sent, what the tap
// must hear in it, and what it costs.
type answer struct {
	stream  bool
	sent    []byte
	reading Reading
	cost    tollgate.Money
}

func answers(t testing.TB) map[string]answer {
	t.Helper()
	files, err := filepath.Glob("testdata/answers/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no answers to read", err)
	}
	all := make(map[string]answer)
	for _, file := range files {
		all[strings.TrimSuffix(filepath.Base(file), ".txtar")] = readAnswer(t, file)
	}
	return all
}

func readAnswer(t testing.TB, file string) (a answer) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range archive.Files {
		switch section.Name {
		case "stream", "body":
			a.sent, a.stream = section.Data, section.Name == "stream"
		case "reading":
			decoder := json.NewDecoder(bytes.NewReader(section.Data))
			decoder.DisallowUnknownFields()
			err = decoder.Decode(&a.reading)
		case "cost":
			var nano int64
			nano, err = strconv.ParseInt(strings.TrimSpace(string(section.Data)), 10, 64)
			a.cost = tollgate.Money(nano)
		default:
			t.Fatalf("%s: what is %s?", file, section.Name)
		}
		if err != nil {
			t.Fatalf("%s: %s: %v", file, section.Name, err)
		}
	}
	return a
}

func TestPromise3_ATapHearsWhatTheProviderBills(t *testing.T) {
	book := mustBook(t, Config{})
	for name, a := range answers(t) {
		t.Run(name, func(t *testing.T) {
			got := listen(a.stream, a.sent, func() int { return len(a.sent) })
			if !reflect.DeepEqual(got, a.reading) {
				t.Errorf("\n got %+v\nwant %+v", got, a.reading)
			}
			sent := a.sent
			for i := range 20 {
				if a.stream && i == 10 {
					sent = bytes.ReplaceAll(sent, []byte("\n"), []byte("\r\n"))
				}
				if cut := listen(a.stream, sent, func() int { return 1 + rand.IntN(40) }); !reflect.DeepEqual(cut, got) {
					t.Fatalf("in pieces the tap hears\n     %+v\nnot  %+v", cut, got)
				}
			}
			cost := book.Cost(Bill{Upstream: "anthropic", Model: "claude-opus-5-5", At: now, Operation: tollgate.Messages, Reading: got})
			if cost.Money != a.cost || cost.Guessed {
				t.Errorf("costs %d (%s), want %d", cost.Money, cost.Guess, a.cost)
			}
		})
	}
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// listen writes what was sent into a tap in pieces, each in memory that is
// overwritten as soon as Write returns.
func listen(stream bool, sent []byte, size func() int) Reading {
	tap := NewTap(stream)
	for len(sent) > 0 {
		piece := bytes.Clone(sent[:min(size(), len(sent))])
		sent = sent[len(piece):]
		if n, err := tap.Write(piece); n != len(piece) || err != nil {
			panic("the tap refused bytes")
		}
		copy(piece, bytes.Repeat([]byte{'#'}, len(piece)))
	}
	return tap.Close()
}

func TestTapAfterClose(t *testing.T) {
	tap := NewTap(false)
	tap.Close()
	if n, err := tap.Write([]byte("x")); n != 1 || err != nil {
		t.Errorf("Write after Close: %d, %v", n, err)
	}
	if got := tap.Close(); !reflect.DeepEqual(got, Reading{}) {
		t.Errorf("a second Close says %+v", got)
	}
}

func TestTapBoundsWhatItKeeps(t *testing.T) {
	ear := newBodyEar()
	piece := bytes.Repeat([]byte{' '}, 1<<20)
	for range 100 {
		ear.write(piece)
	}
	if ear.body.Cap() > 3*maxBody {
		t.Errorf("%d bytes are kept", ear.body.Cap())
	}
	tap := NewTap(true)
	long := `{"type":"message_start","message":{"model":"` + strings.Repeat("m", 600_000) + `"}}`
	fmt.Fprintf(tap, "data: %s\n\ndata: {\"type\":\"error\",\"error\":{\"type\":\"é\",\"message\":\"%s\"}}\n\n", long, strings.Repeat("ö", 400_000))
	if got := tap.Close(); len(got.Model) != maxText || len(got.Error) > maxText {
		t.Errorf("a model of %d and an error of %d bytes are kept", len(got.Model), len(got.Error))
	}
}

func TestSettled(t *testing.T) {
	tokens := func(output int64) tollgate.Tokens { return tollgate.Tokens{Input: 10, Output: output} }
	for _, test := range []struct {
		name      string
		reading   Reading
		output    int64
		estimated bool
	}{
		{"the provider's word goes before an estimate", Reading{Usage: tollgate.Usage{Tokens: tokens(5)}, OutputEstimate: 9, Started: true, Finished: true}, 5, false},
		{"cut: what was streamed", Reading{Usage: tollgate.Usage{Tokens: tokens(5)}, OutputEstimate: 9, Started: true}, 9, true},
		{"cut: never less than was said", Reading{Usage: tollgate.Usage{Tokens: tokens(5)}, OutputEstimate: 3, Started: true}, 5, true},
		{"no input was seen", Reading{Usage: tollgate.Usage{Tokens: tokens(5)}, OutputEstimate: 3, Finished: true}, 5, true},
		{"nothing was heard", Reading{}, 0, true},
	} {
		usage, estimated := test.reading.Settled()
		if usage.Output != test.output || estimated != test.estimated {
			t.Errorf("%s: %d, estimated %v", test.name, usage.Output, estimated)
		}
	}
	hops := []tollgate.Iteration{{Tokens: tokens(2)}, {Tokens: tokens(3)}}
	cut := Reading{Usage: tollgate.Usage{Tokens: tokens(5), Iterations: hops}, OutputEstimate: 9, Started: true}
	usage, _ := cut.Settled()
	if usage.Output != 9 || usage.Iterations[1].Output != 7 || hops[1].Output != 3 {
		t.Errorf("cut inside an iteration: %+v, and the reading has %+v", usage, hops)
	}
}

// FuzzTap holds the tap to one answer however the bytes are cut, and to
// figures that can be billed, whatever the bytes are.
func FuzzTap(f *testing.F) {
	for _, a := range answers(f) {
		f.Add(a.sent, a.stream, uint64(0x0123456789abcdef))
	}
	book := mustBook(f, Config{})
	f.Fuzz(func(t *testing.T, sent []byte, stream bool, cuts uint64) {
		whole := listen(stream, sent, func() int { return len(sent) })
		cut := listen(stream, sent, func() int { cuts = cuts<<5 | cuts>>59; return 1 + int(cuts&31) })
		if !reflect.DeepEqual(whole, cut) {
			t.Fatalf("in one piece\n     %+v\nin several\n     %+v", whole, cut)
		}
		usage, _ := whole.Settled()
		cost := book.Cost(Bill{Model: "claude-opus-5-5", At: now, Reading: whole})
		if usage.Input < 0 || usage.CacheWrite5m < 0 || usage.Output < 0 || cost.Money < 0 || whole.OutputEstimate < 0 {
			t.Fatalf("%+v costs %d", whole, cost.Money)
		}
	})
}

// BenchmarkTapStream hears a burst of 200 deltas as one read returns them, and
// says what one event costs.
func BenchmarkTapStream(b *testing.B) {
	const events = 200
	delta := "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + strings.Repeat("word ", 8) + "\"}}\n\n"
	burst := []byte(strings.Repeat(delta, events))
	for _, size := range []int{len(burst), 4096} {
		b.Run(fmt.Sprintf("chunk=%d", size), func(b *testing.B) {
			tap := NewTap(true)
			b.SetBytes(int64(len(burst)))
			b.ReportAllocs()
			for b.Loop() {
				for rest := burst; len(rest) > 0; {
					n, _ := tap.Write(rest[:min(size, len(rest))])
					rest = rest[n:]
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
		})
	}
}

// BenchmarkTapWholeStream hears a short answer from its first byte to Close.
func BenchmarkTapWholeStream(b *testing.B) {
	sent := answers(b)["plain"].sent
	b.ReportAllocs()
	for b.Loop() {
		tap := NewTap(true)
		_, _ = tap.Write(sent)
		tap.Close()
	}
}

func BenchmarkTapBody(b *testing.B) {
	for _, size := range []int{4 << 10, 100 << 10} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			sent := bytes.Replace(answers(b)["body"].sent, []byte("a block"), bytes.Repeat([]byte("word "), size/5), 1)
			b.SetBytes(int64(len(sent)))
			b.ReportAllocs()
			for b.Loop() {
				tap := NewTap(false)
				_, _ = tap.Write(sent)
				tap.Close()
			}
		})
	}
}
