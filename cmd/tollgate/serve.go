package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"tollgate/internal/app"
	"tollgate/internal/config"
	"tollgate/internal/handover"
)

const serveExample = `  # the real Anthropic API, with nothing but its key
  ANTHROPIC_API_KEY=… tollgate serve

  # as configured; "tollgate config check" reads the file without starting
  tollgate serve --config /etc/tollgate/tollgate.yaml

  # in place of the one that runs, without a cut
  tollgate serve --config /etc/tollgate/tollgate.yaml --takeover`

// newServeCommand is tollgate serve: the gateway.
func newServeCommand() *cobra.Command {
	var path string
	var takeover bool
	command := &cobra.Command{
		Use:   "serve",
		Short: "Run the gateway",
		Long: `Run the gateway until it is told to stop.

SIGTERM and SIGINT let answers under way finish, for limits.drain at most; a
second one ends at once. SIGHUP reads the configuration again: a good one takes
effect for requests that arrive from then on, a bad one changes nothing. So it
is read when the file changes, or one that it refers to, and at "tollgate config
reload".

With --takeover the gateway that runs on the data folder hands everything over,
its listening sockets first of all: no request is refused and no answer is cut.
It ends by itself when its last connection has, after limits.drain at most.
SIGUSR2 makes a running gateway start its program anew with --takeover. Sockets
that systemd has opened are used (docs/operating.md).`,
		Example: serveExample,
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			holdBallast()
			return serve(cmd.Context(), path, takeover, cmd.ErrOrStderr())
		},
	}
	command.Flags().StringVar(&path, "config", "", "configuration `FILE`; without one, the Anthropic API if ANTHROPIC_API_KEY is set")
	command.Flags().BoolVar(&takeover, strings.TrimLeft(takeoverFlag, "-"), false, "take over from the gateway that runs on the data folder, if one does")
	return command
}

func serve(ctx context.Context, path string, takeover bool, stderr io.Writer) error {
	signals := make(chan os.Signal, 4) // from here on SIGHUP and SIGUSR2 do not kill the process
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, upgradeSignal)
	defer signal.Stop(signals)
	lookout := newLookout(path)
	settings, err := loadConfig(path)
	if err != nil {
		return err
	}
	log := newLog(settings.Log, stderr)
	sockets, err := handover.Activated()
	if err != nil {
		return err
	}
	gateway, err := start(ctx, signals, settings, app.Options{Version: versionText(), Log: log, Takeover: takeover, Sockets: sockets, Reread: reading(path)})
	if err != nil {
		return err
	}
	greet(ctx, gateway, settings, log)
	watching, unwatch := context.WithCancel(ctx)
	defer unwatch()
	systemd := systemd{log}
	systemd.ready()
	go systemd.watch(watching, gateway)
	go lookout.run(watching, func() { reload(gateway, path, log) })
	return untilStopped(ctx, gateway, signals, path, log)
}

// untilStopped does what signals say, until the gateway has stopped.
func untilStopped(ctx context.Context, gateway *app.App, signals <-chan os.Signal, path string, log *slog.Logger) error {
	systemd := systemd{log}
	for {
		select {
		case received := <-signals:
			switch received {
			case syscall.SIGHUP:
				systemd.reloading()
				reload(gateway, path, log)
				systemd.ready()
				continue
			case upgradeSignal:
				upgrade(log)
				continue
			}
		case <-ctx.Done():
		case <-gateway.Failed():
			fault := gateway.Alive(ctx)
			log.Error("this process cannot go on; answers under way may finish", "cause", fault)
			systemd.stopping() // or its watchdog would not let them
			return errors.Join(fault, stop(gateway, signals, 1, log))
		case <-gateway.Passed():
			// A first signal to stop changes nothing: it is stopping.
			return stop(gateway, signals, 2, log)
		}
		systemd.stopping()
		return stop(gateway, signals, 1, log)
	}
}

// errStopped ends a start.
var errStopped = errors.New("stopped before it served")

// start starts the gateway. A signal to stop ends the start, which may be
// waiting for another process.
func start(ctx context.Context, signals chan os.Signal, settings *config.Config, options app.Options) (*app.App, error) {
	ctx, giveUp := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		hurryOn(ctx, signals, 1, func(error) { giveUp(errStopped) })
	}()
	gateway, err := app.Start(ctx, settings, options)
	giveUp(nil)
	<-watched
	if err == nil && errors.Is(context.Cause(ctx), errStopped) {
		signals <- syscall.SIGTERM // too late for the start; it has room, since it was taken out
	}
	return gateway, err
}

func loadConfig(path string) (*config.Config, error) {
	if path == "" {
		return config.Default(os.LookupEnv)
	}
	return config.Load(path, os.LookupEnv)
}

// newLog makes the log that the configuration asks for.
func newLog(settings config.Log, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: settings.Level}
	if settings.Format == config.LogJSON {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

// greet says where the gateway is and, to whoever starts it for the first
// time, what to do next.
func greet(ctx context.Context, gateway *app.App, settings *config.Config, log *slog.Logger) {
	where := []any{"version", versionText(), "url", gateway.URL, "admin_socket", gateway.Socket}
	if gateway.AdminURL != "" {
		where = append(where, "admin_url", gateway.AdminURL)
	}
	log.Info("tollgate listens", append(where, "upstreams", len(settings.Upstreams), "pid", os.Getpid())...)
	if keys, err := gateway.Keys(ctx); err == nil && keys == 0 {
		folder := " --data-dir " + settings.DataDir
		log.Info("there are no keys yet; make a developer and a key with: " + os.Args[0] + " developer create you@example.com" + folder +
			" && " + os.Args[0] + " key create --developer you@example.com" + folder)
	}
}

// reading is loadConfig for whoever does not know the path.
func reading(path string) func() (*config.Config, error) {
	return func() (*config.Config, error) { return loadConfig(path) }
}

func reload(gateway *app.App, path string, log *slog.Logger) {
	done, err := gateway.Reread(reading(path))
	switch wrong, isMistake := errors.AsType[*config.Error](err); {
	case isMistake:
		for _, problem := range wrong.Problems {
			log.Error("a mistake in the configuration", "file", wrong.File, "problem", problem.String())
		}
		log.Error("the configuration was not reloaded; the last one stays in force", "mistakes", len(wrong.Problems))
	case err != nil:
		log.Error("the configuration was not reloaded; the last one stays in force", "cause", err)
	default:
		log.Info("the configuration was reloaded", "changed", strings.Join(done.Changed, " "))
	}
}

// errSecondSignal ends a drain that somebody does not want to wait for.
var errSecondSignal = errors.New("stopped at once by a second signal")

// stop stops the gateway. That many signals to stop end it at once.
func stop(gateway *app.App, signals <-chan os.Signal, end int, log *slog.Logger) error {
	drain := gateway.Drain()
	log.Info("stopping: answers under way may finish", "drain", drain, "requests", gateway.UnderWay())
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	ctx, hurry := context.WithCancelCause(ctx)
	go hurryOn(ctx, signals, end, hurry)
	err := gateway.Stop(ctx)
	hurry(nil)
	if err != nil {
		return fmt.Errorf("the gateway stopped, but not cleanly: %w", err)
	}
	log.Info("stopped: everything is recorded")
	return nil
}

// hurryOn waits for signals to stop, as many as it takes. A signal to reload is
// none: it comes from a closing terminal, or from whoever renewed a certificate.
func hurryOn(ctx context.Context, signals <-chan os.Signal, end int, hurry context.CancelCauseFunc) {
	for {
		select {
		case received := <-signals:
			if received == syscall.SIGHUP || received == upgradeSignal {
				continue
			}
			if end--; end == 0 {
				hurry(errSecondSignal)
			}
		case <-ctx.Done():
			return
		}
	}
}
