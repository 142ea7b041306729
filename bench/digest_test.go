package main

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/zeebo/blake3"
)

// BenchmarkDigest is the measurement behind docs/design/digest.md:
//
//	go test -run '^$' -bench Digest -count 6 ./bench
func BenchmarkDigest(b *testing.B) {
	digests := []struct {
		name string
		sum  func([]byte)
	}{
		{"sha256", func(p []byte) { sha256.Sum256(p) }},
		{"blake3", func(p []byte) { blake3.Sum256(p) }},
	}
	for _, size := range []int{200, 1 << 10, 4 << 10, 100 << 10, 1 << 20} {
		body := make([]byte, size)
		for _, d := range digests {
			b.Run(fmt.Sprintf("%s/%dB", d.name, size), func(b *testing.B) {
				b.SetBytes(int64(size))
				for b.Loop() {
					d.sum(body)
				}
			})
		}
	}
}

// BenchmarkDigestStream is a digest fed in the pieces in which a stream
// arrives: 200 events of 120 bytes.
func BenchmarkDigestStream(b *testing.B) {
	event := make([]byte, 120)
	b.Run("sha256", func(b *testing.B) {
		for b.Loop() {
			h := sha256.New()
			for range 200 {
				h.Write(event)
			}
			h.Sum(nil)
		}
	})
	b.Run("blake3", func(b *testing.B) {
		for b.Loop() {
			h := blake3.New()
			for range 200 {
				h.Write(event)
			}
			h.Sum(nil)
		}
	})
}
