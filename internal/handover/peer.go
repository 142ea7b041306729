package handover

import (
	"errors"
	"net"
	"os"
)

var errStranger = errors.New("sockets are passed on only to the user that runs this process, or to root")

// checkPeer makes sure that the process at the other end belongs to the same
// user, or to root. The permissions of the socket's file say so already; this
// holds where they were loosened.
func checkPeer(connection *net.UnixConn) error {
	raw, err := connection.SyscallConn()
	if err != nil {
		return err
	}
	uid, known, err := peerOf(raw)
	if err == nil && known && uid != os.Geteuid() && uid != 0 {
		err = errStranger
	}
	return err
}
