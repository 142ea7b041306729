package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"tollgate/internal/admin"
)

// scraper reads the metrics of a gateway once a second, as Prometheus would if
// it were in more of a hurry than usual: what they cost is the gateway's to bear.
type scraper struct {
	client *http.Client
	cancel context.CancelFunc
	done   sync.WaitGroup
	failed error // of the last scrape that failed; good once done
}

const scrapeEvery = time.Second

// scrape begins to read the metrics on the admin socket in this folder.
func scrape(ctx context.Context, folder string) *scraper {
	ctx, cancel := context.WithCancel(ctx)
	socket := filepath.Join(folder, "data", admin.SocketFile)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	s := &scraper{client: &http.Client{Transport: &http.Transport{DialContext: dial}}, cancel: cancel}
	s.done.Go(func() { s.run(ctx) })
	return s
}

func (s *scraper) run(ctx context.Context) {
	defer s.client.CloseIdleConnections()
	tick := time.NewTicker(scrapeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := s.once(ctx); err != nil && !errors.Is(err, context.Canceled) {
				s.failed = err
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *scraper) once(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://gateway"+admin.MetricsPath, nil)
	if err != nil {
		return err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the metrics answer %s", answer.Status)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// stop ends the reading and says whether it failed. It may be called again.
func (s *scraper) stop() error {
	s.cancel()
	s.done.Wait()
	return s.failed
}
