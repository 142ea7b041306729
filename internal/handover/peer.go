package handover

import (
	"errors"
	"net"
	"os"
)

var errStranger = errors.New("sockets and requests are passed on only to the user that runs this process, or to root")

// CheckPeer makes sure that the process at the other end of a Unix socket
// belongs to the same user, or to root. The permissions of the socket's file say
// so already; this holds where they were loosened.
func CheckPeer(connection net.Conn) error {
	unix, ok := connection.(*net.UnixConn)
	if !ok {
		return errStranger
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return err
	}
	uid, known, err := peerOf(raw)
	if err == nil && known && uid != os.Geteuid() && uid != 0 {
		err = errStranger
	}
	return err
}
