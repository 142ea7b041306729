package alert

import (
	"math/bits"

	"tollgate"
)

// reaches says whether so many per cent of a limit are spent. Nothing spent
// reaches nothing, whatever the limit. The products have 128 bits, since a
// limit may be as much as Money holds.
func reaches(spent, limit tollgate.Money, percent int) bool {
	if spent <= 0 || limit <= 0 {
		return spent > 0
	}
	spentHigh, spentLow := bits.Mul64(uint64(spent), 100)
	wantHigh, wantLow := bits.Mul64(uint64(limit), uint64(percent))
	return spentHigh > wantHigh || spentHigh == wantHigh && spentLow >= wantLow
}
