package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one program that was started to be measured.
type process struct {
	*exec.Cmd
	addr string // where it answers
}

// part starts this program in another role and waits for its address.
func part(ctx context.Context, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, self, args...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s did not say where it answers: %w", args[0], err)
	}
	return &process{command, strings.TrimSpace(addr)}, nil
}

// end asks the process to stop and waits, for ten seconds at most. It may be
// called again.
func (p *process) end() {
	if p.ProcessState != nil {
		return
	}
	p.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(10*time.Second, func() { p.Process.Kill() })
	defer kill.Stop()
	p.Wait()
}

// tick is the unit of the times in /proc: USER_HZ, 100 on every Linux.
const tick = 10 * time.Millisecond

// pids are the process and its children, which only nginx has.
func (p *process) pids() ([]string, error) {
	own := strconv.Itoa(p.Process.Pid)
	children, err := os.ReadFile("/proc/" + own + "/task/" + own + "/children")
	return append([]string{own}, strings.Fields(string(children))...), err
}

// cpu is what all threads of the process and its children have used so far.
func (p *process) cpu() (sum time.Duration, err error) {
	pids, err := p.pids()
	if err != nil {
		return 0, err
	}
	for _, pid := range pids {
		used, err := used(pid)
		if err != nil {
			return 0, err
		}
		sum += used
	}
	return sum, nil
}

func used(pid string) (time.Duration, error) {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, err
	}
	// The name in the second field may hold spaces; it ends with the last ")".
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

// settled is cpu once the process has done what it does behind the traffic:
// it waits until a tenth of a second passes without work, for 3 s at most.
func (p *process) settled() (time.Duration, error) {
	before, err := p.cpu()
	for range 30 {
		time.Sleep(100 * time.Millisecond)
		now, err := p.cpu()
		if err != nil || now-before <= tick {
			return now, err
		}
		before = now
	}
	return before, err
}

// memory is what the process and its children keep resident, now and at most
// so far, in bytes. What they share counts for each of them.
func (p *process) memory() (now, peak int64, err error) {
	pids, err := p.pids()
	if err != nil {
		return 0, 0, err
	}
	for _, pid := range pids {
		status, err := os.ReadFile("/proc/" + pid + "/status")
		if err != nil {
			return 0, 0, err
		}
		now += kilobytes(string(status), "VmRSS:")
		peak += kilobytes(string(status), "VmHWM:")
	}
	return now, peak, nil
}

func kilobytes(status, field string) int64 {
	_, rest, _ := strings.Cut(status, field)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(fields[0], 10, 64)
	return n << 10
}
