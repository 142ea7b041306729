package journal

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"tollgate"
)

// report tells of the damage that a reader has found in a segment, which is
// then kept for a person to look at. The beginning of a record at the very end
// is what a power cut leaves: nobody was promised what it says.
func (j *Journal) report(in *segment, r *reader) {
	for _, damage := range r.damage {
		if damage.torn {
			j.log.Warn("the journal ends in the middle of a record, as after a power cut; nobody had been promised what it says", "segment", in.path, "bytes", damage.to-damage.from)
			continue
		}
		in.damaged = true
		j.count(func(c *counts) { c.damaged++ })
		j.log.Error("a part of the journal is damaged; what can be read around it is stored, and the segment is kept in quarantine: check the disk, and compare with the provider's bill",
			"segment", in.path, "from", damage.from, "bytes", damage.to-damage.from, "quarantine", j.quarantine())
	}
	r.damage = nil
}

// missing tells of records that are not where they should be.
func (j *Journal) missing(path string, records uint64) {
	if records > 0 {
		j.count(func(c *counts) { c.damaged++ })
		j.log.Error("records are missing in the journal: check the disk, and compare with the provider's bill", "segment", path, "records", records)
	}
}

func (j *Journal) quarantine() string {
	return filepath.Join(filepath.Dir(j.folder.path), quarantineName)
}

// discard removes a segment that is not needed any more, or keeps it for a
// person if there is damage in it.
func (j *Journal) discard(done *segment) {
	err := done.file.Close()
	if done.damaged {
		err = errors.Join(err, os.MkdirAll(j.quarantine(), 0o700), os.Rename(done.path, filepath.Join(j.quarantine(), filepath.Base(filepath.Dir(done.path))+"-"+filepath.Base(done.path))))
	} else {
		err = errors.Join(err, removeFile(done.path))
	}
	if err != nil {
		j.log.Warn("a segment of the journal that is stored could not be cleared away", "segment", done.path, "cause", err)
	}
	j.bytes.Add(-done.size.Load())
}

// reject sets a request aside that the ledger can never take, so that it does
// not stand in the way of all others.
func (j *Journal) reject(x *tollgate.Exchange, cause error) {
	path := filepath.Join(j.quarantine(), "rejected-"+x.ID+".json")
	text, err := json.MarshalIndent(x, "", "  ")
	if err == nil {
		err = errors.Join(os.MkdirAll(j.quarantine(), 0o700), keepFile(path, text))
	}
	j.count(func(c *counts) { c.damaged++ })
	j.log.Error("the database refuses a request's row for good; it is kept in quarantine: report it, it is a defect", "request", x.ID, "cost", x.Cost, "quarantine", path, "cause", cause, "keeping", err)
}

// keepFile returns when the disk has a file: the segment that its content comes
// from is removed then.
func keepFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close(), syncFolder(filepath.Dir(path)))
}
