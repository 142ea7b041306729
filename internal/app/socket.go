package app

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"

	"tollgate/internal/handover"
)

// sockets are listeners, of this process or of another.
type sockets []*handover.Listener

// given takes the sockets that the supervisor opened. Their names, or else
// their addresses, say what they are for; one that has no name that is known
// here and is the only one is for the data plane.
func given(opened sockets, addresses map[string]string) (sockets, error) {
	for _, each := range opened {
		if _, ok := each.Addr().(*net.TCPAddr); !ok {
			opened.close()
			return nil, fmt.Errorf("the supervisor passes %s, which is no TCP socket; mend ListenStream in its unit", each.Addr())
		}
		if _, known := addresses[each.Name]; known {
			continue
		}
		for name, address := range addresses {
			if address == each.Address || len(opened) == 1 && name == dataPlane {
				each.Name = name
			}
		}
	}
	return opened, nil
}

// take returns the socket for a name and takes it out, or nil. One that the
// supervisor opened is right whatever its address.
func (s *sockets) take(name, address string) *handover.Listener {
	for i, each := range *s {
		if each.Name == name && (each.Given || each.Address == address) {
			*s = append((*s)[:i:i], (*s)[i+1:]...)
			return each
		}
	}
	return nil
}

// unknown complains about a supervisor's socket that has not been taken:
// connections would wait in it for ever.
func (s sockets) unknown() error {
	for _, each := range s {
		if each.Given {
			return fmt.Errorf("the supervisor passes a socket %q on %s, and nothing listens there; name it %s or %s with FileDescriptorName in its unit",
				each.Name, each.Addr(), dataPlane, adminAddress)
		}
	}
	return nil
}

// ours are the sockets that no supervisor opened. The others are closed.
func (s sockets) ours() (ours sockets) {
	for _, each := range s {
		if each.Given {
			_ = each.Close() // as below
		} else {
			ours = append(ours, each)
		}
	}
	return ours
}

func (s sockets) close() {
	for _, each := range s {
		_ = each.Close() // nothing was written to it
	}
}

func isSocket(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().Type() == fs.ModeSocket
}

// sweep removes the files of the sockets in the data folder.
func (f *folder) sweep() (err error) {
	for _, name := range []string{adminSocket, handoverSocket, heirSocket} {
		if failed := os.Remove(f.file(name)); !errors.Is(failed, fs.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	return err
}
