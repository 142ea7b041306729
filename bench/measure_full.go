package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fullResult is what became of the requests that were made while the machine
// had no time left.
type fullResult struct {
	counted int     // by the sink
	stored  int     // rows in the ledger, after a stop and a start
	busy    float64 // the share of the machine's time that was used
}

// measureFull keeps every core busy beside the load, stops the gateway as soon
// as the last answer is there, and compares the sink's count with the ledger.
func measureFull(ctx context.Context, o options, r *results) error {
	if o.gateway == "" {
		return nil
	}
	f, err := enter(ctx, o, "")
	if err != nil {
		return err
	}
	defer f.leave()
	before, err := machineTime()
	if err != nil {
		return err
	}
	if err := f.press(ctx, o.effort.full); err != nil {
		return err
	}
	after, err := machineTime()
	if err != nil {
		return err
	}
	f.gateway.end()
	if r.full.counted, err = f.direct.counted(ctx); err != nil {
		return err
	}
	if f.gateway.process, _, err = launch(ctx, o.gateway, f.folder, f.direct.addr, ""); err != nil {
		return err
	}
	r.full.stored, err = f.gateway.rows()
	r.full.busy = after.since(before)
	progress("at %.0f %% of the processor: %d requests counted by the sink, %d rows in the ledger", 100*r.full.busy, r.full.counted, r.full.stored)
	return err
}

// press loads the gateway for so long, with one goroutine on each core that
// does nothing but take time.
func (f *field) press(ctx context.Context, limit time.Duration) error {
	burning, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	for range runtime.NumCPU() {
		group.Go(func() {
			for burning.Err() == nil {
			}
		})
	}
	_, err := load(ctx, f.gateway.addr, request(f.gateway.addr, f.gateway.key, "burst", body(model, 4<<10, true)), 1<<30, limit)
	stop()
	group.Wait()
	return err
}

// counted is how many requests the sink has seen.
func (c *contender) counted(ctx context.Context) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.addr+countPath, nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(text))
}

// machine is the time of all cores since the machine was started, in ticks.
type machine struct{ idle, total int64 }

func machineTime() (machine, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return machine{}, err
	}
	first, _, _ := strings.Cut(string(stat), "\n")
	fields := strings.Fields(first)
	if len(fields) < 6 {
		return machine{}, fmt.Errorf("/proc/stat begins with %q", first)
	}
	var m machine
	for i, field := range fields[1:] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return machine{}, err
		}
		m.total += n
		if i == 3 || i == 4 { // idle and waiting for a disk
			m.idle += n
		}
	}
	return m, nil
}

// since is the share of the time since before that was used.
func (m machine) since(before machine) float64 {
	return 1 - float64(m.idle-before.idle)/float64(max(m.total-before.total, 1))
}
