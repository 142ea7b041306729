package payload

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func TestRead(t *testing.T) {
	text := strings.Repeat("0123456789", 2000)
	long := strings.Repeat("0123456789abcdef~", 5<<20/17) // some 5 MiB that do not look the same anywhere a buffer ends
	n := int64(len(long))
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		from          io.Reader
		length, limit int64
		want          string
		err           error
	}{
		"announced":            {strings.NewReader(text), 20000, 20000, text, nil},
		"not announced":        {strings.NewReader(text), -1, 20000, text, nil},
		"byte by byte":         {iotest.OneByteReader(strings.NewReader(text)), -1, 1 << 20, text, nil},
		"empty":                {strings.NewReader(""), 0, 10, "", nil},
		"empty, unannounced":   {strings.NewReader(""), -1, 10, "", nil},
		"announced too large":  {strings.NewReader(text), 20000, 19999, "", ErrTooLarge},
		"turns out too large":  {strings.NewReader(text), -1, 19999, "", ErrTooLarge},
		"cut":                  {strings.NewReader(text[:5]), 20000, 20000, "", io.ErrUnexpectedEOF},
		"cut at once":          {strings.NewReader(""), 7, 20000, "", io.ErrUnexpectedEOF},
		"broken":               {iotest.ErrReader(broken), -1, 20000, "", broken},
		"all that is believed": {strings.NewReader(long), believed, believed, long[:believed], nil},
		"a byte more":          {strings.NewReader(long), believed + 1, n, long[:believed+1], nil},
		"twice as much":        {strings.NewReader(long), 2 * believed, n, long[:2*believed], nil},
		"five megabytes":       {strings.NewReader(long), n, n, long, nil},
		"in small pieces":      {iotest.HalfReader(io.LimitReader(strings.NewReader(long), n)), n, n, long, nil},
		"long, not announced":  {strings.NewReader(long), -1, n, long, nil},
		"long, and too large":  {strings.NewReader(long), -1, n - 1, "", ErrTooLarge},
		"long, and cut":        {strings.NewReader(long), n + 1, n + 1, "", io.ErrUnexpectedEOF},
		"cut where believed":   {strings.NewReader(long[:believed]), n, n, "", io.ErrUnexpectedEOF},
		"long, and broken":     {io.MultiReader(strings.NewReader(long[:3<<20]), iotest.ErrReader(broken)), n, n, "", broken},
	} {
		p, err := Read(test.from, test.length, test.limit)
		if !errors.Is(err, test.err) {
			t.Errorf("%s: error %v, want %v", name, err, test.err)
			continue
		}
		if err == nil {
			if string(p.Bytes()) != test.want || p.Len() != len(test.want) {
				t.Errorf("%s: %d bytes, want %d", name, p.Len(), len(test.want))
			}
			p.Release()
		}
	}
}

// TestAnAnnouncementCostsNothing holds that memory follows what has arrived and
// not what was announced: anybody can announce 32 MiB and send one byte.
func TestAnAnnouncementCostsNothing(t *testing.T) {
	const announced = 32 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read(strings.NewReader("{"), announced, announced)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > believed+believed/4 {
		t.Errorf("one byte of %d announced ones took %d bytes of memory", announced, took)
	}
}

func TestABufferOutlivesItsMakerAndNotItsReaders(t *testing.T) {
	p := Of([]byte("body"))
	first, second := p.NewReader(), p.NewReader()
	p.Release()
	p.Release()
	if p.holders.Load() != 2 {
		t.Fatalf("%d holders, want the two readers", p.holders.Load())
	}
	if got, err := io.ReadAll(first); string(got) != "body" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	first.Close()
	first.Close()
	if _, err := first.Read(make([]byte, 1)); err != errClosed {
		t.Errorf("a closed reader reads: %v", err)
	}
	if got, _ := io.ReadAll(second); string(got) != "body" {
		t.Errorf("%q", got)
	}
	second.Close()
	if p.holders.Load() != 0 {
		t.Errorf("%d holders at the end", p.holders.Load())
	}
}

// A reader that is closed in mid-read never shows the next owner's bytes.
func TestNoBytesOfTheNextOwner(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 200 {
				want := bytes.Repeat([]byte{byte(i)}, 6000)
				p, err := Read(bytes.NewReader(want), 6000, 6000)
				if err != nil {
					t.Error(err)
					return
				}
				r := p.NewReader()
				closed := make(chan struct{})
				go func() { r.Close(); close(closed) }()
				got, _ := io.ReadAll(r)
				if !bytes.HasPrefix(want, got) {
					t.Error("bytes of somebody else")
				}
				p.Release()
				<-closed
			}
		})
	}
	group.Wait()
}

func TestPoolClasses(t *testing.T) {
	for size, want := range map[int64]int{0: 4096, 1: 4096, 4096: 4096, 4097: 8192, 100_000: 131072, 1 << 22: 1 << 22, 1<<22 + 1: 1<<22 + 1} {
		if got := len(*take(size)); got != want {
			t.Errorf("a body of %d gets a buffer of %d, want %d", size, got, want)
		}
	}
}

// BenchmarkRead is for comparing: up to what is believed, a body costs one
// buffer of the pool and no copy but the one off the wire.
func BenchmarkRead(b *testing.B) {
	for _, size := range []int64{100_000, 1_000_000, believed, 8 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			body := bytes.Repeat([]byte("x"), int(size))
			b.SetBytes(size)
			for b.Loop() {
				p, err := Read(bytes.NewReader(body), size, 32<<20)
				if err != nil {
					b.Fatal(err)
				}
				p.Release()
			}
		})
	}
}
