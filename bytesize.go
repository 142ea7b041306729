package tollgate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ByteSize is a number of bytes. Its text is a whole number, alone or with one
// of the units KiB, MiB, GiB, KB, MB and GB.
type ByteSize int64

// byteUnits are ordered so that a suffix is found before its own suffix "B".
var byteUnits = []struct {
	suffix string
	bytes  int64
}{
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"B", 1},
}

// UnmarshalText reads "33554432" or "32MiB".
func (b *ByteSize) UnmarshalText(text []byte) error {
	digits, unit := string(text), int64(1)
	for _, known := range byteUnits {
		if rest, found := strings.CutSuffix(digits, known.suffix); found {
			digits, unit = strings.TrimSpace(rest), known.bytes
			break
		}
	}
	count, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || count < 0 || count > math.MaxInt64/unit {
		return fmt.Errorf("%q is not a size such as 33554432 or 32MiB", text)
	}
	*b = ByteSize(count * unit)
	return nil
}

// String is the size in the largest binary unit that it is a whole number of.
func (b ByteSize) String() string {
	for _, known := range []struct {
		suffix string
		bytes  ByteSize
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if b >= known.bytes && b%known.bytes == 0 {
			return strconv.FormatInt(int64(b/known.bytes), 10) + known.suffix
		}
	}
	return strconv.FormatInt(int64(b), 10)
}
