package check

import (
	"context"
	"path/filepath"
	"strings"
)

// quarantine names what was set aside, until a person has looked at it and
// taken it away.
func quarantine(i *inspection, found *findings) work {
	return work{end: func(context.Context) error {
		for _, path := range i.survey.Quarantine {
			name := filepath.Base(path)
			if id, rejected := strings.CutPrefix(strings.TrimSuffix(name, ".json"), "rejected-"); rejected {
				found.add("request %s has no row, because the database refused it for good; what it would have said is in %s", id, path)
				continue
			}
			found.add("a part of the journal was damaged, and is kept in %s; what could be read around the damage is in the ledger", path)
		}
		return nil
	}}
}
