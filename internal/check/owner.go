package check

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"tollgate"
	"tollgate/internal/store"
)

// claim is whose request a row says it is. Keys and their owners stay in the
// register when they are revoked or removed, and never change hands; teams may
// change and go, so a row's team says what it was then.
type claim struct{ key, developer, service string }

// claimed is where a claim was met.
type claimed struct {
	first string // the oldest row
	rows  int64
}

// owner compares who rows say made the request with the owners of the keys.
func owner(i *inspection, found *findings) work {
	met := map[claim]*claimed{}
	return work{
		slice: func(_ context.Context, slice *store.Slice) error {
			for _, x := range slice.Rows {
				of := claim{x.Key, x.Developer, x.Service}
				if met[of] == nil {
					met[of] = &claimed{first: x.ID}
				}
				met[of].rows++
			}
			return nil
		},
		end: func(ctx context.Context) error {
			keys, err := i.Store.Keys(ctx, tollgate.KeyFilter{})
			former, formerErr := i.Store.FormerKeys(ctx)
			err = errors.Join(err, formerErr)
			owners := map[string]claim{}
			for _, key := range slices.Concat(keys, former) {
				owners[key.ID] = claim{key.ID, key.Developer, key.Service}
			}
			for _, of := range slices.SortedFunc(maps.Keys(met), func(a, b claim) int { return strings.Compare(met[a].first, met[b].first) }) {
				where := met[of]
				switch registered, known := owners[of.key]; {
				case err != nil:
				case !known:
					found.add("request %s (one of %s) names the key %q, which the register does not have", where.first, times(where.rows, "row"), of.key)
				case registered != of:
					found.add("request %s (one of %s) says that the key %s is that of %q, and the register that it is that of %q",
						where.first, times(where.rows, "row"), of.key, of.developer+of.service, registered.developer+registered.service)
				}
			}
			return err
		},
	}
}
