//go:build !linux

package journal

import (
	"os"
	"runtime"
)

func datasync(f *os.File) error { return f.Sync() }

// syncFolder puts the names in a folder on the disk. Windows has no such call
// and does it by itself.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
