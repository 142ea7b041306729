package app_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tollgate/internal/app"
	"tollgate/internal/config"
	"tollgate/internal/gatewaytest"
)

func TestCertificateIsReadAgain(t *testing.T) {
	folder := t.TempDir()
	files := config.TLS{Cert: filepath.Join(folder, "crt"), Key: filepath.Join(folder, "key")}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	written := now
	write := func(name string) {
		gatewaytest.WriteCertificate(t, files.Cert, files.Key, name)
		written = written.Add(time.Hour) // two files written in a row may have the same date
		for _, path := range []string{files.Cert, files.Key} {
			if err := os.Chtimes(path, written, written); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("first")
	var log bytes.Buffer
	security, err := app.NewTLS(&files, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	shows := func(want string) {
		t.Helper()
		shown, err := security.GetCertificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(shown.Certificate[0])
		if err != nil || parsed.Subject.CommonName != want {
			t.Fatalf("the certificate is %q, want %q (%v)", parsed.Subject.CommonName, want, err)
		}
	}
	shows("first")
	write("second")
	shows("first") // the last look is still good
	now = now.Add(time.Minute)
	shows("second")

	if err := os.WriteFile(files.Cert, []byte("half a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		now = now.Add(time.Minute)
		shows("second")
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
		t.Errorf("a certificate that cannot be read is told %d times:\n%s", n, log.String())
	}
	write("third")
	now = now.Add(time.Minute)
	shows("third")
}
