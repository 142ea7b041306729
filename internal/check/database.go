package check

import "context"

// database has SQLite look at its own file. What it cannot even read is an
// error of the run.
func database(i *inspection, found *findings) work {
	return work{end: func(ctx context.Context) error {
		faults, err := i.Store.Integrity(ctx, mostTold)
		for _, each := range faults {
			found.add("%s", each)
		}
		return err
	}}
}
