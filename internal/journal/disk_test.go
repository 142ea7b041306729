package journal

import (
	"os"
	"sync"
	"syscall"
)

// faultyDisk is the real disk with faults in front of it, and with a power
// cord that can be pulled.
type faultyDisk struct {
	LocalDisk
	mu      sync.Mutex
	faults  faults
	then    faults           // what follows the first of them
	synced  map[string]int64 // bytes of each file that are on the disk
	broken  map[string]bool  // a sync has failed: later ones succeed and do nothing, as Linux has it
	stalled chan struct{}    // writes wait for it
	onSync  func()           // what happens while the next sync is under way
}

// faults are what happens to the next calls, one each, and always when sticky.
type faults struct {
	create, write, sync error
	stored              bool // the call fails and has done its work all the same
	short               int  // a failing write leaves this many bytes
	sticky              bool
}

func newFaultyDisk() *faultyDisk {
	return &faultyDisk{synced: map[string]int64{}, broken: map[string]bool{}}
}

func (d *faultyDisk) set(f faults) { d.setPair(f, faults{}) }

// setPair lets one fault follow another, whatever calls come between.
func (d *faultyDisk) setPair(f, then faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults, d.then = f, then
}

// next takes the fault for one sort of call.
func (d *faultyDisk) next(of func(*faults) *error) (how faults, fault error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	how = d.faults
	if fault = *of(&d.faults); fault != nil && !how.sticky {
		*of(&d.faults) = nil
		if d.then != (faults{}) {
			d.faults, d.then = d.then, faults{}
		}
	}
	return how, fault
}

func (d *faultyDisk) Create(path string) (File, error) {
	if _, fault := d.next(func(f *faults) *error { return &f.create }); fault != nil {
		return nil, fault
	}
	f, err := d.LocalDisk.Create(path)
	return &faultyFile{f, path, d}, err
}

// pull cuts the power: what is not on the disk is gone. The journal that wrote
// it must have been killed.
func (d *faultyDisk) pull(paths []string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, path := range paths {
		if err := os.Truncate(path, d.synced[path]); err != nil {
			return err
		}
	}
	return nil
}

type faultyFile struct {
	File
	path string
	disk *faultyDisk
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if f.disk.stalled != nil {
		<-f.disk.stalled
	}
	how, fault := f.disk.next(func(f *faults) *error { return &f.write })
	if fault == nil {
		return f.File.Write(p)
	}
	if how.stored {
		how.short = len(p)
	}
	if how.short > 0 {
		if n, err := f.File.Write(p[:how.short]); err != nil {
			return n, err
		}
	}
	return how.short, &os.PathError{Op: "write", Path: f.path, Err: fault}
}

func (f *faultyFile) Sync() error {
	if do := f.disk.onSync; do != nil {
		f.disk.onSync = nil
		do()
	}
	how, fault := f.disk.next(func(f *faults) *error { return &f.sync })
	if fault != nil && !how.stored {
		f.disk.mu.Lock()
		defer f.disk.mu.Unlock()
		f.disk.broken[f.path] = true
		return &os.PathError{Op: "fdatasync", Path: f.path, Err: fault}
	}
	size := fileSize(f.path)
	if err := f.File.Sync(); err != nil {
		return err
	}
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if !f.disk.broken[f.path] {
		f.disk.synced[f.path] = size
	}
	if fault != nil {
		return &os.PathError{Op: "fdatasync", Path: f.path, Err: fault}
	}
	return nil
}

func (f *faultyFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.synced[f.path] = min(f.disk.synced[f.path], size)
	return f.File.Truncate(size)
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// The faults of a disk.
const (
	noSpace  = syscall.ENOSPC
	ioFault  = syscall.EIO
	readOnly = syscall.EROFS
)
