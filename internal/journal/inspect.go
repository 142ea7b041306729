package journal

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tollgate"
)

// Name is that of the journals' folder in a data folder.
const Name = "journal"

// Survey is what stands in the journals of a data folder, as far as it had
// been written when the survey was taken. Reading it changes nothing and holds
// up nobody: it takes no lock.
type Survey struct {
	// Quarantine are the files that are kept for a person to look at.
	Quarantine []string
	// Outdated says, once it was read, that a segment had been cleared away
	// since. What had ended in it is stored; what was under way may stand where
	// this survey did not look, and only another one finds it.
	Outdated bool
	sighted  []sighted
}

// sighted is a segment and how long it was.
type sighted struct {
	path string
	size int64
}

// Passage is one record of a survey.
type Passage struct {
	Folder  string // of the process that wrote it, or the quarantine
	Request *tollgate.Exchange
	Closed  bool // it has ended; otherwise it was about to be sent
}

// Quarantined says that the record stands in a segment that was set aside: what
// could be read of it has been stored.
func (p Passage) Quarantined() bool { return filepath.Base(p.Folder) == quarantineName }

// Damage is a part of a segment that cannot be read.
type Damage struct {
	Segment     string
	From, Bytes int64
	Missing     uint64 // records that should stand before From and do not; then nothing is unreadable
}

// Folder is where this process writes.
func (j *Journal) Folder() string { return j.folder.path }

// Kept are the requests that have ended and that this process has in memory
// alone, because no journal takes them. Nobody may write to them.
func (j *Journal) Kept() []*tollgate.Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.pending)
}

// Inspect takes a survey of the journals under path. Where there are none it
// is empty.
func Inspect(path string) (*Survey, error) {
	s := new(Survey)
	folders, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, each := range folders {
		if !each.IsDir() {
			continue
		}
		if err := s.sight(filepath.Join(path, each.Name())); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// sight notes what stands in one folder. What goes away meanwhile has been
// stored.
func (s *Survey) sight(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		info, err := entry.Info()
		if err != nil {
			continue
		}
		if filepath.Base(folder) == quarantineName {
			s.Quarantine = append(s.Quarantine, path)
		}
		if strings.HasSuffix(path, segmentSuffix) {
			s.sighted = append(s.sighted, sighted{path, info.Size()})
		}
	}
	slices.SortStableFunc(s.sighted, func(a, b sighted) int { return cmp.Compare(a.path, b.path) })
	return nil
}

// Read shows every record to visit, those of a process in the order in which it
// wrote them, and returns what could not be read, but for what was set aside
// already. A segment that has been cleared away since the survey was taken is
// passed over: it is stored. An error of visit ends the reading.
func (s *Survey) Read(visit func(Passage) error) (damage []Damage, err error) {
	var follows order
	last := ""
	for _, each := range s.sighted {
		folder := filepath.Dir(each.path)
		from, err := os.Open(each.path)
		if errors.Is(err, fs.ErrNotExist) {
			s.Outdated, follows = true, order{}
			continue
		}
		if err != nil {
			return damage, err
		}
		if folder != last {
			follows, last = order{}, folder
		}
		found, err := readSegment(&reader{from: from, end: each.size}, each.path, &follows, visit)
		if filepath.Base(folder) != quarantineName {
			damage = append(damage, found...)
		}
		if err := errors.Join(err, from.Close()); err != nil {
			return damage, err
		}
	}
	return damage, nil
}

func readSegment(r *reader, path string, follows *order, visit func(Passage) error) (damage []Damage, err error) {
	for one, ok := r.next(); ok; one, ok = r.next() {
		begun := r.at - headBytes - 1 - int64(len(one.body))
		if missing := follows.gap(one.sequence); missing > 0 {
			damage = append(damage, Damage{Segment: path, From: begun, Missing: missing})
		}
		x, err := readExchange(one.body)
		if err != nil {
			r.damage = append(r.damage, stretch{from: begun, to: r.at})
			continue
		}
		if err := visit(Passage{Folder: filepath.Dir(path), Request: x, Closed: one.kind == closed}); err != nil {
			return damage, err
		}
	}
	for _, each := range r.damage {
		if !each.torn {
			damage = append(damage, Damage{Segment: path, From: each.from, Bytes: each.to - each.from})
		}
	}
	return damage, nil
}
