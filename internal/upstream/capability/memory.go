package capability

import (
	"slices"
	"sync"
	"time"
)

// Lesson is something that an upstream refused for a model, and that it is not
// sent any more.
type Lesson struct {
	Model    string
	Beta     string // that was named, or
	Field    string // the field that was
	Evidence string // what named it, without anything else that the provider said
	At       time.Time
}

// How long a lesson holds, so that what a provider comes to accept is tried
// again, and how many are kept of one upstream, the latest ones.
const (
	lessonLife = 24 * time.Hour
	maxLessons = 64
)

// Book holds what every upstream taught, and outlives the snapshots of the
// configuration. The process that ends takes it along.
type Book struct {
	now  func() time.Time
	lock sync.Mutex
	of   map[[2]string]*Memory
}

// NewBook makes an empty book.
func NewBook(now func() time.Time) *Book {
	return &Book{now: now, of: map[[2]string]*Memory{}}
}

// Of is the memory of the upstream of this name, as long as the same provider
// is behind it.
func (b *Book) Of(upstream, provider string) *Memory {
	b.lock.Lock()
	defer b.lock.Unlock()
	key := [2]string{upstream, provider}
	if b.of[key] == nil {
		b.of[key] = NewMemory(b.now)
	}
	return b.of[key]
}

// Memory is what one upstream taught. It may be used by many goroutines at once.
type Memory struct {
	now     func() time.Time
	lock    sync.RWMutex
	lessons []Lesson
	edition int // counts what changes about the lessons
}

// NewMemory makes an empty one.
func NewMemory(now func() time.Time) *Memory { return &Memory{now: now} }

// Lessons are those that hold now, the oldest first.
func (m *Memory) Lessons() []Lesson {
	m.lock.RLock()
	defer m.lock.RUnlock()
	return slices.DeleteFunc(slices.Clone(m.lessons), m.stale)
}

func (m *Memory) stale(l Lesson) bool { return m.now().Sub(l.At) >= lessonLife }

// state is the edition and when the oldest lesson ends to hold.
func (m *Memory) state() (edition int, until time.Time) {
	m.lock.RLock()
	defer m.lock.RUnlock()
	if len(m.lessons) == 0 {
		return m.edition, time.Time{}
	}
	return m.edition, m.lessons[0].At.Add(lessonLife)
}

// forget lets go of what does not hold any more.
func (m *Memory) forget() {
	m.lock.Lock()
	defer m.lock.Unlock()
	before := len(m.lessons)
	if m.lessons = slices.DeleteFunc(m.lessons, m.stale); len(m.lessons) != before {
		m.edition++
	}
}

func (m *Memory) learn(l Lesson) {
	m.lock.Lock()
	defer m.lock.Unlock()
	l.At = m.now()
	m.lessons = slices.DeleteFunc(m.lessons, func(old Lesson) bool {
		return old.Model == l.Model && old.Beta == l.Beta && old.Field == l.Field
	})
	m.lessons = append(m.lessons, l)
	if len(m.lessons) > maxLessons {
		m.lessons = m.lessons[1:]
	}
	m.edition++
}
