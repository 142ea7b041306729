//go:build unix

package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// supervisor is who processes tell how they are, as they tell systemd.
type supervisor struct {
	path string
	ear  *net.UnixConn
}

func newSupervisor(t *testing.T) *supervisor {
	t.Helper()
	folder, err := os.MkdirTemp("", "tg") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "notify")
	ear, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ear.Close()
		_ = os.RemoveAll(folder)
	})
	return &supervisor{path, ear}
}

// hears waits for what begins like this.
func (s *supervisor) hears(t *testing.T, want string) {
	t.Helper()
	_ = s.ear.SetReadDeadline(time.Now().Add(time.Minute))
	for buffer := make([]byte, 1000); ; {
		n, err := s.ear.Read(buffer)
		if err != nil {
			t.Fatalf("%s is not said: %v", want, err)
		}
		if strings.HasPrefix(string(buffer[:n]), want) {
			return
		}
	}
}

// activation is a socket that is opened before the process that serves it.
func activation(t *testing.T) (*net.TCPListener, *os.File) {
	t.Helper()
	opened, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := opened.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		opened.Close()
		file.Close()
	})
	return opened.(*net.TCPListener), file
}
