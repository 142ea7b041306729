package check

import (
	"context"

	"tollgate"
)

// database has SQLite look at its own file.
func database(i *inspection, found *findings) work {
	return work{end: func(ctx context.Context) error {
		faults, err := i.Store.Integrity(ctx, mostTold)
		for _, each := range faults {
			found.add("%s", each)
		}
		if err != nil && ctx.Err() == nil {
			found.add("%s", tollgate.AsError(err).Message)
			err = nil
		}
		return err
	}}
}
