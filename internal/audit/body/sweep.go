package body

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"tollgate"
)

// The actions of records about bodies.
const (
	Lost    tollgate.AuditAction = "body.lost"   // they could not be stored after all
	Removed tollgate.AuditAction = "body.remove" // their time was over, or they were too many
)

const (
	sweepInterval = 15 * time.Minute
	tellInterval  = 10 * time.Second
)

// watch removes what is too old and tells of what was lost.
func (v *Vault) watch() {
	sweeping, telling := time.NewTicker(sweepInterval), time.NewTicker(tellInterval)
	defer sweeping.Stop()
	defer telling.Stop()
	v.Sweep(context.Background())
	for {
		select {
		case <-v.quit:
			return
		case <-sweeping.C:
			v.Sweep(context.Background())
		case <-telling.C:
			v.tell(context.Background())
		}
	}
}

// tell records what was lost since it was last told.
func (v *Vault) tell(ctx context.Context) {
	counts, requests := v.lost.take()
	if len(counts) == 0 {
		return
	}
	about, _ := json.Marshal(map[string]any{"bodies": counts, "requests": requests}) // texts and numbers always marshal
	err := v.Register.Note(ctx, tollgate.AuditEvent{Time: v.Now(), Action: Lost, Actor: "gateway", Outcome: "failed", About: about})
	if err != nil {
		v.lost.giveBack(counts, requests)
		v.Log.Warn("the audit log could not be told of bodies that were lost; it is tried again", "cause", err)
	}
}

// swept is what a sweep has removed.
type swept struct {
	Files  int       `json:"files"`
	Bytes  int64     `json:"bytes"`
	Oldest time.Time `json:"oldest,omitzero"`
	Newest time.Time `json:"newest,omitzero"`
	Kept   int       `json:"held,omitempty"` // by a legal hold
}

// Sweep removes what is older than the retention and, the oldest first, what is
// too much, and records that it did. What is under a legal hold stays.
func (v *Vault) Sweep(ctx context.Context) {
	set := v.set.Load()
	v.disk.sweep.Lock()
	defer v.disk.sweep.Unlock()
	done, err := v.sweep(set)
	if err != nil {
		v.Log.Warn("the folder of sealed bodies could not be swept", "folder", v.Folder, "cause", err)
	}
	if done.Files == 0 {
		return
	}
	about, _ := json.Marshal(done)
	if err := v.Register.Note(ctx, tollgate.AuditEvent{Time: v.Now(), Action: Removed, Actor: "gateway", Outcome: "done", About: about}); err != nil {
		v.Log.Warn("sealed bodies were removed, and the audit log could not be told", "files", done.Files, "cause", err)
	}
}

func (v *Vault) sweep(set *setting) (done swept, err error) {
	files, err := v.disk.files()
	if err != nil {
		return done, err
	}
	var total int64
	for _, f := range files {
		total += f.bytes
	}
	defer func() { v.disk.total.Store(total) }()
	most, oldest := set.total, v.Now().Add(-set.retention)
	if total > most || v.disk.total.Load() >= most {
		most -= most / 20 // so that the next body is not the next sweep
	}
	for _, f := range files {
		if !f.at.Before(oldest) && total <= most {
			break
		}
		if v.held(f.path) {
			done.Kept++
			continue
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return done, err
		}
		total -= f.bytes
		done.add(f)
		v.disk.removed.Add(1)
	}
	return done, nil
}

func (s *swept) add(f keptFile) {
	if s.Files == 0 {
		s.Oldest = f.at.UTC()
	}
	s.Files++
	s.Bytes += f.bytes
	s.Newest = f.at.UTC()
}

// held asks whether a legal hold keeps a file. One that cannot be read is
// nobody's.
func (v *Vault) held(path string) bool {
	if v.Held == nil {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	label, err := ReadLabel(bufio.NewReaderSize(file, labelBytes))
	return err == nil && v.Held(label.Person, label.Request)
}
