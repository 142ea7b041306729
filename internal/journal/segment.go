package journal

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
)

// segmentBytes is how long a segment grows.
const segmentBytes = 16 << 20

// segment is one file of records. Its bytes up to size never change.
type segment struct {
	path    string
	file    File
	size    atomic.Int64 // bytes of whole records
	closed  int64        // what Journal.closed was when the last of them was appended; under Journal.mu
	sealed  atomic.Bool  // nothing more is appended
	damaged bool         // it is kept for a person to look at; the feeder's own
	suspect bool         // a sync has failed; guarded by Journal.syncing
}

const segmentSuffix = ".seg"

// segmentPath names the segments of a folder so that they sort by number.
func segmentPath(folder string, number int) string {
	return filepath.Join(folder, fmt.Sprintf("%08d", number)+segmentSuffix)
}

// segmentNumber is the inverse of segmentPath.
func segmentNumber(name string) (number int, ok bool) {
	digits, found := strings.CutSuffix(filepath.Base(name), segmentSuffix)
	number, err := strconv.Atoi(digits)
	return number, found && err == nil && number > 0
}
