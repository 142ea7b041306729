package eventstream

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
)

var chunk = []Header{{":event-type", "chunk"}, {":content-type", "application/json"}, {":message-type", "event"}}

// made is a frame of the chunk's headers.
func made(payload string) []byte { return Append(nil, chunk, []byte(payload)) }

// read feeds a stream in pieces, each in memory that is overwritten as soon as
// Feed returns.
func read(stream []byte, size func(at int) int) (got string, err error, partial bool) {
	var seen strings.Builder
	d := NewDecoder(func(f Frame) { fmt.Fprintf(&seen, "%q %q;", f.Headers, f.Payload) })
	for at := 0; at < len(stream) && err == nil; {
		piece := bytes.Clone(stream[at:min(len(stream), at+size(at))])
		at += len(piece)
		err = d.Feed(piece)
		copy(piece, bytes.Repeat([]byte{'#'}, len(piece)))
	}
	return seen.String(), err, d.Partial()
}

// TestFrameOfAWS reads a frame whose bytes were not made here: the one in the
// specification of the format that has the header content-type and the payload
// {'foo':'bar'}.
func TestFrameOfAWS(t *testing.T) {
	frame, err := base64.StdEncoding.DecodeString("AAAAPQAAACAH/YOWDGNvbnRlbnQtdHlwZQcAEGFwcGxpY2F0aW9uL2pzb257J2Zvbyc6J2Jhcid9jZwIsQ==")
	if err != nil {
		t.Fatal(err)
	}
	var payload, kind string
	d := NewDecoder(func(f Frame) { payload, kind = string(f.Payload), string(f.Headers.Text("content-type")) })
	if err := d.Feed(frame); err != nil || payload != "{'foo':'bar'}" || kind != "application/json" {
		t.Errorf("payload %q, content-type %q, error %v", payload, kind, err)
	}
	again := Append(nil, []Header{{"content-type", "application/json"}}, []byte("{'foo':'bar'}"))
	if !bytes.Equal(again, frame) {
		t.Errorf("made here the frame is %x, want %x", again, frame)
	}
}

func TestDecoderDoesNotMindThePieces(t *testing.T) {
	stream := bytes.Join([][]byte{made("one"), made(""), made(strings.Repeat("x", 300)), made("two")}, nil)
	whole, err, partial := read(stream, func(int) int { return len(stream) })
	if err != nil || partial || strings.Count(whole, ";") != 4 {
		t.Fatalf("whole: %s, error %v, partial %v", whole, err, partial)
	}
	for size := 1; size < len(stream); size++ {
		if got, err, partial := read(stream, func(int) int { return size }); got != whole || err != nil || partial {
			t.Fatalf("in pieces of %d: %s, error %v, partial %v", size, got, err, partial)
		}
	}
	for cut := range stream {
		_, err, partial := read(stream[:cut], func(int) int { return 7 })
		if err != nil || partial != (cut != 0 && cut != len(made("one")) && cut != len(made("one"))+len(made("")) && cut != len(stream)-len(made("two"))) {
			t.Fatalf("cut at %d: error %v, partial %v", cut, err, partial)
		}
	}
}

func TestEveryFlippedByteIsSeen(t *testing.T) {
	frame := made(`{"bytes":"e30="}`)
	for at := range frame {
		damaged := bytes.Clone(frame)
		damaged[at] ^= 0x40
		for _, size := range []int{1, len(frame)} {
			if got, err, _ := read(damaged, func(int) int { return size }); err == nil || got != "" {
				t.Errorf("byte %d damaged, pieces of %d: %s, no error", at, size, got)
			}
		}
	}
}

func TestWhatIsNoFrame(t *testing.T) {
	withHeaders := func(headers string) []byte { return raw(minFrame+len(headers), len(headers), headers) }
	for _, c := range []struct {
		name  string
		bytes []byte
		want  error
	}{
		{"an answer in JSON", []byte(`{"message":"no"}`), ErrChecksum},
		{"longer than any", raw(maxFrame+1, 0, ""), ErrTooLong},
		{"headers longer than any", raw(maxFrame, maxHeaders+1, ""), ErrTooLong},
		{"shorter than any", raw(minFrame-1, 0, ""), ErrLength},
		{"headers longer than the frame", raw(minFrame+3, 4, "abc"), ErrLength},
		{"a header of a kind that there is not", withHeaders("\x01a\x0a"), ErrHeader},
		{"a header without a kind", withHeaders("\x01a"), ErrHeader},
		{"a name that ends early", withHeaders("\x05a"), ErrHeader},
		{"a value that ends early", withHeaders("\x01a\x07\x00\x02x"), ErrHeader},
		{"a number that ends early", withHeaders("\x01a\x05\x00\x00"), ErrHeader},
		{"a length that ends early", withHeaders("\x01a\x07\x00"), ErrHeader},
	} {
		for _, size := range []int{1, len(c.bytes)} {
			if _, err, _ := read(c.bytes, func(int) int { return size }); !errors.Is(err, c.want) {
				t.Errorf("%s, pieces of %d: %v, want %v", c.name, size, err, c.want)
			}
		}
	}
}

// raw is a frame with these lengths, whether or not they are true.
func raw(total, headers int, rest string) []byte {
	frame := binary.BigEndian.AppendUint32(nil, uint32(total))
	frame = binary.BigEndian.AppendUint32(frame, uint32(headers))
	frame = binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(frame))
	frame = append(frame, rest...)
	return binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(frame))
}

func TestAfterAnErrorNothingIsRead(t *testing.T) {
	d := NewDecoder(func(Frame) { t.Error("a frame was handed out") })
	first := d.Feed([]byte("this is not an event stream"))
	if second := d.Feed(made("x")); first == nil || !errors.Is(second, first) {
		t.Errorf("first %v, then %v", first, second)
	}
}

func TestEveryKindOfHeader(t *testing.T) {
	headers := Headers("\x01a\x00" + "\x01b\x01" + "\x01c\x02\x01" + "\x01d\x03\x00\x01" + "\x01e\x04\x00\x00\x00\x01" + "\x01f\x05\x00\x00\x00\x00\x00\x00\x00\x01" +
		"\x01g\x06\x00\x02hi" + "\x01h\x08\x00\x00\x00\x00\x00\x00\x00\x01" + "\x01i\x090123456789abcdef" + "\x04last\x07\x00\x05words" + "\x04last\x07\x00\x02no")
	if got := headers.Text("last"); string(got) != "words" {
		t.Errorf("last: %q", got)
	}
	for _, name := range []string{"a", "f", "g", "i", "none"} {
		if got := headers.Text(name); got != nil {
			t.Errorf("%s: %q, though it is no string", name, got)
		}
	}
	if _, err, _ := read(raw(minFrame+len(headers), len(headers), string(headers)), func(int) int { return 5 }); err != nil {
		t.Error(err)
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		payload []byte
		header  Header
		want    error
	}{
		{"a header without a name", nil, Header{"", "x"}, ErrHeader},
		{"a name that is too long", nil, Header{strings.Repeat("n", 256), "x"}, ErrHeader},
		{"a value that is too long", nil, Header{"n", strings.Repeat("v", 1<<15)}, ErrHeader},
		{"a payload that is too long", make([]byte, MaxPayload+1), Header{"n", "v"}, ErrTooLong},
	} {
		func() {
			defer func() {
				if got := recover(); got != any(c.want) {
					t.Errorf("%s: %v, want %v", c.name, got, c.want)
				}
			}()
			Append(nil, []Header{c.header}, c.payload)
		}()
	}
}

func TestDecoderLetsLongBuffersGo(t *testing.T) {
	d := NewDecoder(func(Frame) {})
	long := made(strings.Repeat("x", 1<<20))
	for _, b := range long {
		if err := d.Feed([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if cap(d.held) > maxKept {
		t.Errorf("%d bytes are kept after a long frame", cap(d.held))
	}
}

// FuzzDecoder holds the decoder to one answer however a stream is cut: the
// same frames, and the same verdict.
func FuzzDecoder(f *testing.F) {
	f.Add(made("one"), uint64(0x0123456789abcdef))
	f.Add(append(made("one"), made("two")...), uint64(0x1111))
	f.Add(raw(minFrame+3, 3, "\x01a\x0a"), uint64(0))
	f.Add([]byte("no stream at all"), uint64(7))
	f.Fuzz(func(t *testing.T, stream []byte, cuts uint64) {
		whole, wholeErr, wholePartial := read(stream, func(int) int { return len(stream) })
		cut, cutErr, cutPartial := read(stream, func(at int) int { return 1 + int(cuts>>(at%16*4)&15) })
		if whole != cut || !errors.Is(wholeErr, cutErr) || wholeErr == nil && wholePartial != cutPartial {
			t.Fatalf("in one piece %s %v %v, in several %s %v %v", whole, wholeErr, wholePartial, cut, cutErr, cutPartial)
		}
	})
}

// FuzzAppend holds what is written to what is read of it, and damage to being
// seen.
func FuzzAppend(f *testing.F) {
	f.Add("chunk", []byte(`{"bytes":"e30="}`), uint32(9), byte(1))
	f.Add("", []byte{}, uint32(0), byte(0x80))
	f.Fuzz(func(t *testing.T, value string, payload []byte, at uint32, flip byte) {
		if len(value) > 1<<15-1 {
			return
		}
		frame := Append(nil, []Header{{"name", value}, {"other", "x"}}, payload)
		var found int
		d := NewDecoder(func(got Frame) {
			found++
			if string(got.Headers.Text("name")) != value || !bytes.Equal(got.Payload, payload) {
				t.Fatalf("got %q %q", got.Headers.Text("name"), got.Payload)
			}
		})
		if err := d.Feed(frame); err != nil || found != 1 || d.Partial() {
			t.Fatalf("%d frames, %v", found, err)
		}
		if flip != 0 {
			frame[int(at)%len(frame)] ^= flip
			if got, err, _ := read(frame, func(int) int { return 11 }); err == nil {
				t.Fatalf("damage was not seen: %s", got)
			}
		}
	})
}

func BenchmarkDecoder(b *testing.B) {
	const frames = 200
	stream := bytes.Repeat(made(`{"bytes":"`+strings.Repeat("QUJD", 45)+`"}`), frames)
	for _, size := range []int{len(stream), 4096, 100} {
		b.Run(fmt.Sprintf("piece=%d", size), func(b *testing.B) {
			found := 0
			d := NewDecoder(func(Frame) { found++ })
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			for b.Loop() {
				for rest := stream; len(rest) > 0; {
					n := min(size, len(rest))
					if err := d.Feed(rest[:n]); err != nil {
						b.Fatal(err)
					}
					rest = rest[n:]
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(found), "ns/frame")
		})
	}
}
