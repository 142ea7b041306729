package journal

import (
	"os"

	"golang.org/x/sys/unix"
)

// datasync puts on the disk what is needed to read the file again, which takes
// one write to the disk less than fsync.
func datasync(f *os.File) (err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	controlErr := raw.Control(func(fd uintptr) {
		for err = unix.EINTR; err == unix.EINTR; {
			err = unix.Fdatasync(int(fd))
		}
	})
	if controlErr != nil {
		return controlErr
	}
	return os.NewSyscallError("fdatasync", err)
}

// syncFolder puts the names in a folder on the disk.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
