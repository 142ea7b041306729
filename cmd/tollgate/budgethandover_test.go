//go:build unix

package main

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
)

// TestPromise4_HandOversUnderLoad has clients that take every cent of a strict
// budget as soon as it is there, while the process is replaced ten times, and
// some successors, two processes that serve and one that has handed over are
// killed. The budget is set higher all the time, and raised. What the provider
// bills, which is nearly the most that is held for each request, is never more
// than the budget; and after each round what is held is what the open streams
// hold, and the rest can be had to the last request.
func TestPromise4_HandOversUnderLoad(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	running := v.serve(t)
	v.furnish()
	processes := []*process{running}
	for round := range v.rounds {
		v.raise()
		crowd := v.rush(round)
		switch round % 3 {
		case 1:
			v.killEarly(running)
		case 2:
			v.killLate(running)
		}
		before := running
		running = v.serve(t, takeoverFlag)
		crowd.await(20)
		switch round {
		case 4, 8:
			v.kill(running, true)
			processes = append(processes, running)
			running = v.serve(t)
			crowd.await(20)
		case 6:
			v.kill(before, false)
		}
		processes = append(processes, running)
		crowd.leave()
		v.audit()
		if round > 0 {
			close(v.rounds[round-1])
		}
	}
	close(v.rounds[len(v.rounds)-1])
	v.streams.Wait()
	v.audit()
	v.close(processes)
}

// kill ends a process that has requests under way.
func (v *vault) kill(p *process, serving bool) {
	v.t.Helper()
	v.expectCuts(serving)
	v.killed[p] = true
	if err := p.Process.Kill(); err != nil {
		v.t.Fatal(err)
	}
	<-p.ended
}

// expectCuts is said before, or as soon as it is known.
func (v *vault) expectCuts(serving bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.rough, v.dead = true, serving
}

// killEarly kills a successor while it gets ready and nothing is its own yet.
func (v *vault) killEarly(serving *process) {
	v.t.Helper()
	next := v.begin(v.t, exec.Command("tollgate", "serve", "--config", v.file, takeoverFlag))
	next.says(v.t, "msg=\"another process will hand over\"")
	v.killBefore(next, serving)
}

// killLate kills one to which everything has been handed over: an administrator
// who has a connection open is told so.
func (v *vault) killLate(serving *process) {
	v.t.Helper()
	administrator := client.Socket(filepath.Join(v.folder, "admin.sock"))
	change := func() error { // which takes no time, since it is none
		_, err := administrator.CreateTeam(v.t.Context(), api.NewTeam{})
		return err
	}
	_ = change()
	next := v.begin(v.t, exec.Command("tollgate", "serve", "--config", v.file, takeoverFlag))
	for deadline := time.Now().Add(time.Minute); ; {
		err := change()
		if refused, ok := err.(*client.Error); ok && refused.Status == http.StatusServiceUnavailable {
			break
		}
		if time.Now().After(deadline) {
			v.t.Fatal("nobody hands over: ", err)
		}
	}
	v.killBefore(next, serving)
}

// killBefore kills a successor before it serves. Should it have been faster, it
// was a process with requests under way.
func (v *vault) killBefore(next, serving *process) {
	v.t.Helper()
	v.killed[next] = true
	if err := next.Process.Kill(); err != nil {
		v.t.Fatal(err)
	}
	<-next.ended
	if serving.saysOne(v.t, "the process that was to take over has not", "another process serves now") > 0 {
		v.t.Log("a successor was too fast to be killed before it serves")
		v.expectCuts(true)
	}
}

// saysOne waits until one of several words is in the log, and says which.
func (p *process) saysOne(t *testing.T, words ...string) int {
	t.Helper()
	for deadline := time.After(time.Minute); ; {
		p.mu.Lock()
		text, wrote := p.log.String(), p.wrote
		p.mu.Unlock()
		for n, word := range words {
			if strings.Contains(text, word) {
				return n
			}
		}
		select {
		case <-wrote:
		case <-deadline:
			t.Fatalf("it logs none of %q:\n%s", words, tail(text))
		}
	}
}

// audit is made after a round: what is held is what the open streams hold, and
// nobody is refused while there is room for a request.
func (v *vault) audit() {
	v.t.Helper()
	v.grant(0)
	for admitted := true; admitted; {
		state := v.settled()
		room := tollgate.Money(state.LimitNanoUSD-state.SpentNanoUSD-state.HeldNanoUSD) >= v.most
		admitted = v.ask(once, true) == http.StatusOK
		if admitted != room {
			v.t.Errorf("a request is admitted: %t; and of %d are %d spent and %d held", admitted, state.LimitNanoUSD, state.SpentNanoUSD, state.HeldNanoUSD)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.amiss) > 0 && !v.rough {
		v.t.Errorf("requests fail while nothing is killed: %q", v.amiss)
	}
	v.rough, v.dead, v.amiss = false, false, nil
}

// settled is the state of the budget when nothing moves but open streams.
func (v *vault) settled() api.Budget {
	v.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		state := v.state()
		open := v.open.Load()
		if tollgate.Money(state.HeldNanoUSD) == tollgate.Money(open)*v.most {
			return state
		}
		if time.Now().After(deadline) {
			v.t.Fatalf("%d streams are open, and %d are held (%d each): %+v", open, state.HeldNanoUSD, v.most, state)
		}
	}
}

// close ends everything and compares the accounts.
func (v *vault) close(processes []*process) {
	v.t.Helper()
	state := v.settled()
	v.checkLedger("running")
	v.clients.CloseIdleConnections()
	last := len(processes) - 1
	processes[last].signal(v.t, syscall.SIGTERM)
	for _, each := range processes {
		if !v.killed[each] {
			each.ends(v.t)
		}
	}
	v.checkLedger("stopped")
	var spent tollgate.Money
	interrupted := 0
	for _, x := range v.rows(v.t) {
		spent += x.Cost
		if x.Interrupted {
			interrupted++
		}
	}
	v.t.Logf("%d served, %d refused, %d broken, %d streams cut, %d interrupted, set %d times; %s billed, %s spent of %s",
		v.served.Load(), v.refused.Load(), v.broken.Load(), v.cut.Load(), interrupted, v.refills.Load(), v.billed, spent, v.allowed)
	if state.HeldNanoUSD != 0 || int64(spent) != state.SpentNanoUSD || v.billed > spent || spent > v.allowed {
		v.t.Errorf("the provider has billed %s, the rows say %s, and the budget is %+v", v.billed, spent, state)
	}
	if v.refused.Load() == 0 || v.cut.Load() == 0 || interrupted == 0 {
		v.t.Error("nobody was refused, or nothing was cut: that was no rush")
	}
}

// checkLedger is what an operator does.
func (v *vault) checkLedger(when string) {
	v.t.Helper()
	if status, output := exitStatus(exec.Command("tollgate", "ledger", "check", "--data-dir", v.folder)); status != 0 {
		v.t.Errorf("%s: ledger check ends with %d: %s", when, status, output)
	}
}
