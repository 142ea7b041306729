package journal

import (
	"fmt"
	"sync/atomic"
	"testing"
)

// BenchmarkJournal is what a request costs, without the wait for the disk.
func BenchmarkJournal(b *testing.B) {
	w := &world{path: b.TempDir() + "/journal", ledger: newMemory(), log: new(lines), config: DefaultConfig()}
	w.config.MaxBytes = 1 << 40
	j, err := Open(w.path, Options{Config: w.config, Ledger: discard{}, Now: w.now})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Stop(b.Context())
	var n atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			x := request(fmt.Sprint("r", n.Add(1)))
			if _, err := j.Begin(x); err != nil {
				b.Error(err)
			}
			j.End(x)
		}
	})
	b.ReportMetric(float64(j.Stats().Syncs)/b.Elapsed().Seconds(), "syncs/s")
}
