package main

import (
	"slices"
	"testing"
)

// TestWhatTheNextProcessIsStartedWith: the arguments and the environment of
// this one, but for what was said to this one alone.
func TestWhatTheNextProcessIsStartedWith(t *testing.T) {
	for _, c := range []struct{ args, want []string }{
		{[]string{"serve"}, []string{"serve", "--takeover"}},
		{[]string{"serve", "--takeover", "--config", "x"}, []string{"serve", "--takeover", "--config", "x"}},
	} {
		if got := nextArgs(c.args); !slices.Equal(got, c.want) {
			t.Errorf("%q after %q", got, c.args)
		}
	}
	environment := []string{"A=1", "WATCHDOG_PID=7", "WATCHDOG_USEC=60000000", "NOTIFY_SOCKET=/s"}
	if got := nextEnvironment(environment); !slices.Equal(got, []string{"A=1", "WATCHDOG_USEC=60000000", "NOTIFY_SOCKET=/s"}) || environment[1] != "WATCHDOG_PID=7" {
		t.Errorf("%q of %q", got, environment)
	}
}
