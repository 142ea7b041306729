package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"tollgate/internal/admin"
)

func TestAScrapeThatFailsIsSaid(t *testing.T) {
	folder, err := os.MkdirTemp("", "tg") // the path of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := os.Mkdir(filepath.Join(folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	status := http.StatusOK
	listener, err := net.Listen("unix", filepath.Join(folder, "data", admin.SocketFile))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != admin.MetricsPath {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
	})}
	go server.Serve(listener)
	defer server.Close()
	s := scrape(t.Context(), folder)
	if err := s.once(t.Context()); err != nil {
		t.Error(err)
	}
	status = http.StatusInternalServerError
	if err := s.once(t.Context()); err == nil {
		t.Error("a scrape that failed is not said")
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}
