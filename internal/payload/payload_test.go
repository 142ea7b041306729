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

	"tollgate/internal/bound"
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
		"one buffer":           {strings.NewReader(long), first, first, long[:first], nil},
		"a byte more":          {strings.NewReader(long), first + 1, n, long[:first+1], nil},
		"all that is trusted":  {strings.NewReader(long), trust * first, n, long[:trust*first], nil},
		"more than is trusted": {strings.NewReader(long), trust*first + 1, n, long[:trust*first+1], nil},
		"five megabytes":       {strings.NewReader(long), n, n, long, nil},
		"in small pieces":      {iotest.HalfReader(io.LimitReader(strings.NewReader(long), n)), n, n, long, nil},
		"long, not announced":  {strings.NewReader(long), -1, n, long, nil},
		"long, and too large":  {strings.NewReader(long), -1, n - 1, "", ErrTooLarge},
		"long, and cut":        {strings.NewReader(long), n + 1, n + 1, "", io.ErrUnexpectedEOF},
		"cut where trusted":    {strings.NewReader(long[:trust*first]), n, n, "", io.ErrUnexpectedEOF},
		"long, and broken":     {io.MultiReader(strings.NewReader(long[:3<<20]), iotest.ErrReader(broken)), n, n, "", broken},
	} {
		room := newRoom(1 << 30)
		p, err := Read(test.from, test.length, test.limit, room)
		if !errors.Is(err, test.err) {
			t.Errorf("%s: error %v, want %v", name, err, test.err)
			continue
		}
		if err == nil {
			if string(p.Bytes()) != test.want || p.Len() != len(test.want) {
				t.Errorf("%s: %d bytes, want %d", name, p.Len(), len(test.want))
			}
			if held := room.Stats().Held; held != int64(len(*p.pooled)) {
				t.Errorf("%s: %d bytes are counted, the buffer has %d", name, held, len(*p.pooled))
			}
			p.Release()
		}
		if held := room.Stats().Held; held != 0 {
			t.Errorf("%s: %d bytes are still counted", name, held)
		}
	}
}

func newRoom(bytes int64) *bound.Count {
	room := new(bound.Count)
	room.Set(bytes)
	return room
}

// first is the size of a body's first buffer.
const first = 1 << smallestBits

// TestNoRoom: a body is refused where its next buffer would pass the bound, and
// then holds nothing, however far it had come.
func TestNoRoom(t *testing.T) {
	text := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct {
		bytes, length int64
		fits          bool
	}{
		"nothing at all":              {first - 1, 10, false},
		"one buffer":                  {first, 10, true},
		"the second buffer":           {first + trust*first - 1, 10_000_000, false},
		"announced, with both":        {first + 16384, 10_000, true},
		"announced, not with both":    {first + 16383, 10_000, false},
		"not announced":               {1 << 20, -1, false},
		"not announced, it just fits": {1<<20 + 2<<20, -1, true},
	} {
		room := newRoom(c.bytes)
		p, err := Read(strings.NewReader(text[:max(min(c.length, int64(len(text))), 0)]+text[:len(text)*max(0, -int(c.length))]), c.length, 1<<24, room)
		if c.fits != (err == nil) || err != nil && !errors.Is(err, ErrNoRoom) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			p.Release()
		}
		if held := room.Stats().Held; held != 0 {
			t.Errorf("%s: %d bytes are still counted", name, held)
		}
	}
}

// TestACopyIsCounted for as long as anybody holds it.
func TestACopyIsCounted(t *testing.T) {
	room := newRoom(10)
	p, err := Of(make([]byte, 4, 8), room)
	if err != nil || room.Stats().Held != 8 {
		t.Fatal(err, room.Stats())
	}
	if _, err := Of(make([]byte, 3), room); !errors.Is(err, ErrNoRoom) {
		t.Error("there was room for a second one: ", err)
	}
	r := p.NewReader()
	p.Release()
	if room.Stats().Held != 8 {
		t.Error("a reader does not count: ", room.Stats())
	}
	r.Close()
	if room.Stats().Held != 0 {
		t.Error("it still counts: ", room.Stats())
	}
}

// TestABodyThatComesSlowly holds, and counts, little more than what has come.
func TestABodyThatComesSlowly(t *testing.T) {
	const announced = 8 << 20
	room := newRoom(1 << 30)
	arrived := 0
	_, err := Read(readerFunc(func(p []byte) (int, error) {
		if held := room.Stats().Held; held > max(first, 2*int64(trust*arrived)) {
			t.Fatalf("%d bytes have arrived and %d are held", arrived, held)
		}
		if arrived == 300_000 {
			return 0, io.EOF
		}
		arrived++
		return 1, nil
	}), announced, announced, room)
	if !errors.Is(err, io.ErrUnexpectedEOF) || room.Stats().Held != 0 {
		t.Error(err, room.Stats())
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestAnAnnouncementCostsNothing holds that memory follows what has arrived and
// not what was announced: anybody can announce 32 MiB and send one byte.
func TestAnAnnouncementCostsNothing(t *testing.T) {
	const announced = 32 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read(strings.NewReader("{"), announced, announced, newRoom(announced))
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 4*first {
		t.Errorf("one byte of %d announced ones took %d bytes of memory", announced, took)
	}
}

func TestABufferOutlivesItsMakerAndNotItsReaders(t *testing.T) {
	p, err := Of([]byte("body"), newRoom(4))
	if err != nil {
		t.Fatal(err)
	}
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
	room := newRoom(1 << 30)
	for range 8 {
		group.Go(func() {
			for i := range 200 {
				want := bytes.Repeat([]byte{byte(i)}, 6000)
				p, err := Read(bytes.NewReader(want), 6000, 6000, room)
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
	if held := room.Stats().Held; held != 0 {
		t.Errorf("%d bytes are still counted", held)
	}
}

func TestPoolClasses(t *testing.T) {
	for size, want := range map[int64]int64{0: 4096, 1: 4096, 4096: 4096, 4097: 8192, 100_000: 131072, 1 << 22: 1 << 22, 1<<22 + 1: 1<<22 + 1} {
		if got := capacity(size); got != want || int64(len(*take(got))) != want {
			t.Errorf("a body of %d gets a buffer of %d, want %d", size, got, want)
		}
	}
}

// stuckWriter takes nothing until it is told to.
type stuckWriter struct {
	entered, goOn chan struct{}
	bytes.Buffer
}

func (w *stuckWriter) Write(p []byte) (int, error) {
	close(w.entered)
	<-w.goOn
	return w.Buffer.Write(p)
}

func TestAWriteKeepsTheBufferAndDoesNotHoldUpClose(t *testing.T) {
	text := strings.Repeat("0123456789", 2000)
	room := newRoom(1 << 30)
	p, err := Read(strings.NewReader(text), int64(len(text)), 1<<20, room)
	if err != nil {
		t.Fatal(err)
	}
	reader := p.NewReader()
	w := &stuckWriter{entered: make(chan struct{}), goOn: make(chan struct{})}
	written := make(chan int64)
	go func() {
		n, _ := reader.(io.WriterTo).WriteTo(w)
		written <- n
	}()
	<-w.entered
	reader.Close()
	p.Release()
	if room.Stats().Held == 0 {
		t.Error("the buffer was given back while it was being written")
	}
	close(w.goOn)
	if n := <-written; n != int64(len(text)) || w.String() != text {
		t.Errorf("%d bytes were written of %d", n, len(text))
	}
	if held := room.Stats().Held; held != 0 {
		t.Errorf("%d bytes are still held", held)
	}
	if _, err := reader.(io.WriterTo).WriteTo(io.Discard); !errors.Is(err, errClosed) {
		t.Errorf("a write after Close: %v", err)
	}
}

// BenchmarkRead is for comparing: a body costs its buffer, and a copy of the
// little that had to arrive before it was trusted with that.
func BenchmarkRead(b *testing.B) {
	for _, size := range []int64{100_000, 1_000_000, 1 << 20, 8 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			body := bytes.Repeat([]byte("x"), int(size))
			room := newRoom(1 << 30)
			b.SetBytes(size)
			for b.Loop() {
				p, err := Read(bytes.NewReader(body), size, 32<<20, room)
				if err != nil {
					b.Fatal(err)
				}
				p.Release()
			}
		})
	}
}
