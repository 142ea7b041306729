package handover

import "github.com/coreos/go-systemd/v22/activation"

// Activated returns the sockets that a supervisor opened for this process, in
// the way of systemd (sd_listen_fds(3)), named as its unit names them. It is
// called once: programs that are started from here do not see them.
func Activated() ([]*Listener, error) {
	files := activation.Files(true)
	defer closeAll(files)
	labels := make([]Label, len(files))
	for i, file := range files {
		labels[i] = Label{Name: file.Name(), Given: true}
	}
	listeners, err := adopt(labels, files)
	for _, each := range listeners {
		each.Address = each.Addr().String()
	}
	return listeners, err
}
