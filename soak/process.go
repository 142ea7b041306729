package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// process is one gateway.
type process struct {
	*exec.Cmd
	ended chan struct{}
	once  sync.Once
	err   error // good once ended
}

// start starts a gateway and waits until it serves.
func (w *world) start(ctx context.Context, args ...string) error {
	log, err := os.OpenFile(w.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	p := &process{Cmd: exec.Command(w.options.gateway, append([]string{"serve", "--config", w.file()}, args...)...), ended: make(chan struct{})}
	p.Stdout, p.Stderr = log, log
	before := w.pid(ctx)
	if err := p.Start(); err != nil {
		return err
	}
	go func() { p.err = p.Wait(); close(p.ended) }()
	w.mu.Lock()
	w.processes = append(w.processes, p)
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for now := w.pid(ctx); now == 0 || now == before; now = w.pid(ctx) {
		select {
		case <-p.ended:
			return fmt.Errorf("the gateway ended instead of serving: %w", errors.Join(p.err, w.said()))
		default:
		}
		if !pause(ctx, 20*time.Millisecond) {
			return errors.New("the gateway does not serve within a minute")
		}
	}
	return nil
}

// handOver replaces the process that serves.
func (w *world) handOver(ctx context.Context) error {
	w.changing.Lock()
	defer w.changing.Unlock()
	return w.start(ctx, "--takeover")
}

// newest is the process that serves.
func (w *world) newest() *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.processes[len(w.processes)-1]
}

// others says whether an earlier process still runs.
func (w *world) others() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, each := range w.processes[:len(w.processes)-1] {
		select {
		case <-each.ended:
		default:
			return true
		}
	}
	return false
}

// pid tells the process that answers by when it was started, 0 when none does.
func (w *world) pid(ctx context.Context) float64 {
	figures, err := w.scrape(ctx)
	if err != nil {
		return 0
	}
	return figures["process_start_time_seconds"]
}

// stop ends the gateway and waits for it.
func (p *process) stop() error {
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return p.err
	case <-time.After(drain + time.Minute):
		p.kill()
		return errors.New("it did not end after SIGTERM")
	}
}

// kill ends it at once, if it still runs.
func (p *process) kill() {
	p.once.Do(func() { _ = p.Process.Kill() })
	<-p.ended
}

// quiet says that nothing is under way and nobody is connected.
func (w *world) quiet(ctx context.Context) bool {
	figures, err := w.scrape(ctx)
	return err == nil && figures["tollgate_requests_in_flight"] == 0 && figures["tollgate_open_connections"] == 0 &&
		figures["tollgate_journal_waiting_requests"] == 0 && w.provider.simulator.Open() == 0 && !w.others()
}
