package main

import (
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// takeoverFlag is what the next process is started with.
const takeoverFlag = "--takeover"

// upgrade starts the program anew, as it is on the disk by now, to take over
// from this process. If it does not, this one goes on.
func upgrade(log *slog.Logger) {
	next := exec.Command(os.Args[0], nextArgs(os.Args[1:])...)
	next.Env = nextEnvironment(os.Environ())
	next.Stdin, next.Stdout, next.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := next.Start(); err != nil {
		log.Error("the next process cannot be started; this one goes on", "program", os.Args[0], "cause", err)
		return
	}
	log.Info("the next process is started", "pid", next.Process.Pid)
	go func() {
		if err := next.Wait(); err != nil {
			log.Error("the next process has ended; this one goes on", "cause", err)
		}
	}()
}

func nextArgs(args []string) []string {
	if slices.Contains(args, takeoverFlag) {
		return args
	}
	return append(slices.Clip(args), takeoverFlag)
}

// nextEnvironment leaves out what was said to this process alone: systemd names
// the process that its watchdog watches.
func nextEnvironment(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(each string) bool {
		return strings.HasPrefix(each, "WATCHDOG_PID=")
	})
}
