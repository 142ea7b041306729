package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"tollgate/internal/app"
)

// systemd is told how the process is (sd_notify(3)). Where nobody listens,
// nothing is said.
type systemd struct{ log *slog.Logger }

// ready says that this process serves. After a hand-over it is the service's
// main process from now on.
func (s systemd) ready() { s.tell(fmt.Sprintf("%s\nMAINPID=%d", daemon.SdNotifyReady, os.Getpid())) }

func (s systemd) stopping() { s.tell(daemon.SdNotifyStopping) }

// reloading is followed by ready.
func (s systemd) reloading() {
	s.tell(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec())
}

func (s systemd) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("systemd cannot be told how this process is", "cause", err)
	}
}

// watch tells the watchdog, as often as it wants to hear it, that the gateway
// is alive, until ctx ends or another process is the one to be watched.
func (s systemd) watch(ctx context.Context, gateway *app.App) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		if err := gateway.Alive(ctx); err == nil {
			s.tell(daemon.SdNotifyWatchdog)
		} else {
			s.log.Error("this process is not alive", "cause", err)
		}
		select {
		case <-tick.C:
		case <-gateway.Passed():
			return
		case <-ctx.Done():
			return
		}
	}
}
