package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// sample is the state of the process that serves at one moment.
type sample struct {
	at         time.Time
	phase      string
	process    int // which one it is
	asked      int64
	resident   float64 // bytes
	heap       float64 // bytes in use, those that wait for the collector included
	goroutines float64
	files      float64 // open file descriptors
	open       float64 // requests under way
	journal    float64 // bytes
}

// scrape reads the metrics that have no labels.
func (w *world) scrape(ctx context.Context) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://tollgate/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := w.metrics.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/metrics answers %s", response.Status)
	}
	return parseMetrics(response.Body)
}

func parseMetrics(from io.Reader) (map[string]float64, error) {
	figures := map[string]float64{}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			figures[name] = value
		}
	}
	return figures, lines.Err()
}

func (w *world) take(ctx context.Context) (s sample, err error) {
	figures, err := w.scrape(ctx)
	if err != nil {
		return s, err
	}
	w.mu.Lock()
	process := len(w.processes)
	w.mu.Unlock()
	return sample{
		at: time.Now(), phase: w.phase.Load().(string), process: process, asked: w.asked.Load(),
		resident: figures["process_resident_memory_bytes"], heap: figures["go_memstats_heap_alloc_bytes"],
		goroutines: figures["go_goroutines"], files: figures["process_open_fds"],
		open: figures["tollgate_requests_in_flight"], journal: figures["tollgate_journal_size_bytes"],
	}, nil
}

// sampleEvery notes the state of the process until stop is called.
func (w *world) sampleEvery(ctx context.Context, every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for pause(ctx, every) {
			if s, err := w.take(ctx); err == nil {
				w.mu.Lock()
				w.samples = append(w.samples, s)
				w.mu.Unlock()
			}
		}
	}()
	return func() { cancel(); <-done }
}

// Bounds of settled.
const (
	collections = 3
	settleBound = 2 * time.Minute
)

// settled is the state of a process at rest after the collector has run a few
// times: what is left is in use. Questions make it run, since it does not in a
// process that does nothing.
func (w *world) settled(ctx context.Context) (least sample, err error) {
	ctx, cancel := context.WithTimeout(ctx, settleBound)
	defer cancel()
	first, last := -1.0, -1.0
	for last < first+collections || first < 0 {
		figures, err := w.scrape(ctx)
		if err != nil {
			return least, fmt.Errorf("the process could not be measured: %w", err)
		}
		ran := figures["go_gc_duration_seconds_count"]
		if first < 0 {
			first, last = ran, ran
		}
		if ran > last || least.at.IsZero() { // just after a collection
			now, err := w.take(ctx)
			if err != nil {
				return least, err
			}
			if least.at.IsZero() || now.heap < least.heap {
				least = now
			}
		}
		last = ran
	}
	return least, nil
}
