//go:build linux || darwin

package body

import "golang.org/x/sys/unix"

// keptFree is how much of the disk bodies leave to others, in bytes; of a small
// one, a twentieth.
const keptFree = 1 << 30

// nearlyFull says whether more bytes would take what bodies leave to others. A
// disk that cannot say how full it is decides when it is written.
func nearlyFull(folder string, more int64) bool {
	var stat unix.Statfs_t
	if unix.Statfs(folder, &stat) != nil {
		return false
	}
	size := int64(stat.Bsize)
	return int64(stat.Bavail)*size-more < min(keptFree, int64(stat.Blocks)*size/20)
}
