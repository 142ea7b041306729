//go:build unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// rush is clients that take whatever the budget has, as soon as it has it, and
// the treasurer who sets it a little higher whenever one of them is refused.
type rush struct {
	*vault
	stopped  chan struct{}
	answered chan struct{} // one for each answer
	spent    chan struct{} // one for each who was refused and waits
	all      sync.WaitGroup
	treasury sync.WaitGroup
}

// streamsARound is how many streams are held open from each round into the next.
const streamsARound = 4

// rush begins a round, and returns when half of its streams are open.
func (v *vault) rush(round int) *rush {
	v.t.Helper()
	r := &rush{vault: v, stopped: make(chan struct{}), answered: make(chan struct{}, 1_000_000), spent: make(chan struct{})}
	r.treasury.Go(r.refill)
	opened := make(chan struct{}, streamsARound)
	r.all.Go(func() {
		for range streamsARound {
			for !r.hold(round) && !r.isOver() {
				r.complain()
			}
			opened <- struct{}{}
		}
	})
	for range streamsARound / 2 {
		r.receive(opened)
	}
	for n := range 5 {
		with := r.clients
		if n > 2 {
			with = once
		}
		r.all.Go(func() { r.run(with, n) })
	}
	r.await(10)
	return r
}

func (r *rush) isOver() bool {
	select {
	case <-r.stopped:
		return true
	default:
		return false
	}
}

// run asks, whole and streaming in turn. Who is refused tells the treasurer,
// and asks again when the treasurer has heard of it.
func (r *rush) run(with *http.Client, n int) {
	for ; !r.isOver(); n++ {
		switch r.ask(with, n%2 == 0) {
		case http.StatusOK:
			r.answered <- struct{}{}
		case http.StatusTooManyRequests:
			r.complain()
		}
	}
}

func (r *rush) complain() {
	select {
	case r.spent <- struct{}{}:
	case <-r.stopped:
	}
}

// refill sets the budget higher by what three requests hold when somebody was
// refused.
func (r *rush) refill() {
	for {
		select {
		case <-r.spent:
			r.grant(3)
		case <-r.stopped:
			return
		}
	}
}

// await waits for n answers from now on.
func (r *rush) await(n int) {
	r.t.Helper()
	for len(r.answered) > 0 {
		<-r.answered
	}
	for range n {
		r.receive(r.answered)
	}
}

func (r *rush) receive(from chan struct{}) {
	r.t.Helper()
	select {
	case <-from:
	case <-time.After(time.Minute):
		r.t.Fatal("nobody is answered any more")
	}
}

// leave returns when everybody but the streams that are held open has ended.
func (r *rush) leave() {
	close(r.stopped)
	r.all.Wait()
	r.treasury.Wait()
}

// ask asks, reads the answer and returns its status, 0 for none that is whole.
func (v *vault) ask(with *http.Client, stream bool) int {
	response, err := with.Do(v.request(v.t, v.url, vaultBody(stream, "now")))
	if err != nil {
		v.fails("a request fails: %v", err)
		return 0
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return v.judge(response, string(text), err)
}

// judge says what came of a request: an answer, the refusal, or a failure.
func (v *vault) judge(response *http.Response, text string, err error) int {
	refusal := response.StatusCode == http.StatusTooManyRequests && strings.Contains(text, `"billing_error"`) && response.Header.Get("X-Should-Retry") == "false"
	whole := response.StatusCode == http.StatusOK && (strings.HasSuffix(text, "}") || strings.HasSuffix(text, "message_stop\"}\n\n"))
	switch {
	case err == nil && refusal:
		v.refused.Add(1)
	case err == nil && whole:
		v.served.Add(1)
	default:
		v.fails("a request ends with %s, %v: %.300s", response.Status, err, text)
		return 0
	}
	return response.StatusCode
}

// hold begins a stream that goes on until the end of the round, unless it is
// refused.
func (v *vault) hold(round int) bool {
	response, err := once.Do(v.request(v.t, v.url, vaultBody(true, fmt.Sprint("hold ", round))))
	if err != nil {
		v.fails("a stream fails: %v", err)
		return false
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		v.judge(response, string(text), err)
		return false
	}
	v.open.Add(1)
	v.streams.Go(func() {
		defer v.open.Add(-1)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if v.judge(response, string(text), err) == 0 {
			v.cut.Add(1)
		}
	})
	return true
}
