//go:build unix

package handover

import (
	"os"
	"syscall"
)

// Supported says whether this system can pass sockets between processes.
const Supported = true

// rightsBound has room for more descriptors than are taken, so that too many
// are seen.
var rightsBound = syscall.CmsgSpace(4 * (socketBound + 1))

// rights are descriptors in the form in which they are sent.
func rights(descriptors []int) []byte {
	if len(descriptors) == 0 {
		return nil
	}
	return syscall.UnixRights(descriptors...)
}

// parseRights returns the descriptors that came beside a message. net has seen
// to it that programs started from here do not inherit them.
func parseRights(beside []byte) (files []*os.File, err error) {
	controls, err := syscall.ParseSocketControlMessage(beside)
	if err != nil {
		return nil, err
	}
	for i := range controls {
		descriptors, err := syscall.ParseUnixRights(&controls[i])
		if err != nil {
			return files, err
		}
		for _, descriptor := range descriptors {
			files = append(files, os.NewFile(uintptr(descriptor), "passed"))
		}
	}
	return files, nil
}

// truncated says whether there were more descriptors than room for them.
func truncated(flags int) bool { return flags&syscall.MSG_CTRUNC != 0 }
