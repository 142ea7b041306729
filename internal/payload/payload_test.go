package payload

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func TestRead(t *testing.T) {
	text := strings.Repeat("0123456789", 2000)
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		from          io.Reader
		length, limit int64
		want          string
		err           error
	}{
		"announced":           {strings.NewReader(text), 20000, 20000, text, nil},
		"not announced":       {strings.NewReader(text), -1, 20000, text, nil},
		"byte by byte":        {iotest.OneByteReader(strings.NewReader(text)), -1, 1 << 20, text, nil},
		"empty":               {strings.NewReader(""), 0, 10, "", nil},
		"empty, unannounced":  {strings.NewReader(""), -1, 10, "", nil},
		"announced too large": {strings.NewReader(text), 20000, 19999, "", ErrTooLarge},
		"turns out too large": {strings.NewReader(text), -1, 19999, "", ErrTooLarge},
		"cut":                 {strings.NewReader(text[:5]), 20000, 20000, "", io.ErrUnexpectedEOF},
		"cut at once":         {strings.NewReader(""), 7, 20000, "", io.ErrUnexpectedEOF},
		"broken":              {iotest.ErrReader(broken), -1, 20000, "", broken},
		"five megabytes":      {strings.NewReader(strings.Repeat("x", 5<<20)), 5 << 20, 6 << 20, strings.Repeat("x", 5<<20), nil},
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
