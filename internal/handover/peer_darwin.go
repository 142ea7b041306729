package handover

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// peerOf returns the user at the other end of a Unix socket.
func peerOf(raw syscall.RawConn) (uid int, known bool, err error) {
	controlErr := raw.Control(func(descriptor uintptr) {
		var peer *unix.Xucred
		if peer, err = unix.GetsockoptXucred(int(descriptor), unix.SOL_LOCAL, unix.LOCAL_PEERCRED); err == nil {
			uid = int(peer.Uid)
		}
	})
	if err == nil {
		err = controlErr
	}
	return uid, true, err
}
