package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"tollgate/internal/app"
	"tollgate/internal/config"
)

const serveExample = `  # the real Anthropic API, with nothing but its key
  ANTHROPIC_API_KEY=… tollgate serve

  # as configured; "tollgate config check" reads the file without starting
  tollgate serve --config /etc/tollgate/tollgate.yaml`

// newServeCommand is tollgate serve: the gateway.
func newServeCommand() *cobra.Command {
	var path string
	command := &cobra.Command{
		Use:   "serve",
		Short: "Run the gateway",
		Long: `Run the gateway until it is told to stop.

SIGTERM and SIGINT let answers under way finish, for limits.drain at most; a
second one ends at once. SIGHUP reads the configuration again: a good one takes
effect for requests that arrive from then on, a bad one changes nothing.`,
		Example: serveExample,
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), path, cmd.ErrOrStderr())
		},
	}
	command.Flags().StringVar(&path, "config", "", "configuration `FILE`; without one, the Anthropic API if ANTHROPIC_API_KEY is set")
	return command
}

func serve(ctx context.Context, path string, stderr io.Writer) error {
	settings, err := loadConfig(path)
	if err != nil {
		return err
	}
	log := newLog(settings.Log, stderr)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer signal.Stop(signals)

	gateway, err := app.Start(ctx, settings, app.Options{Version: versionText(), Log: log})
	if err != nil {
		return err
	}
	greet(ctx, gateway, settings, log)
	for {
		select {
		case <-ctx.Done():
			return stop(gateway, signals, log)
		case received := <-signals:
			if received != syscall.SIGHUP {
				return stop(gateway, signals, log)
			}
			reload(gateway, path, log)
		}
	}
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
	log.Info("tollgate listens", "version", versionText(), "url", gateway.URL, "admin_socket", gateway.Socket, "upstreams", len(settings.Upstreams))
	if keys, err := gateway.Keys(ctx); err == nil && keys == 0 {
		folder := " --data-dir " + settings.DataDir
		log.Info("there are no keys yet; make a developer and a key with: " + os.Args[0] + " developer create you@example.com" + folder +
			" && " + os.Args[0] + " key create --developer you@example.com" + folder)
	}
}

func reload(gateway *app.App, path string, log *slog.Logger) {
	settings, err := loadConfig(path)
	if err == nil {
		err = gateway.Reload(settings)
	}
	switch wrong, isMistake := errors.AsType[*config.Error](err); {
	case isMistake:
		for _, problem := range wrong.Problems {
			log.Error("a mistake in the configuration", "file", wrong.File, "problem", problem.String())
		}
		log.Error("the configuration was not reloaded; the last one stays in force", "mistakes", len(wrong.Problems))
	case err != nil:
		log.Error("the configuration was not reloaded; the last one stays in force", "cause", err)
	default:
		log.Info("the configuration was reloaded")
	}
}

// errSecondSignal ends a drain that somebody does not want to wait for.
var errSecondSignal = errors.New("stopped at once by a second signal")

func stop(gateway *app.App, signals <-chan os.Signal, log *slog.Logger) error {
	drain := gateway.Drain()
	log.Info("stopping: answers under way may finish", "drain", drain)
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	ctx, hurry := context.WithCancelCause(ctx)
	go hurryOn(ctx, signals, hurry)
	err := gateway.Stop(ctx)
	hurry(nil)
	if err != nil {
		return fmt.Errorf("the gateway stopped, but not cleanly: %w", err)
	}
	log.Info("stopped: everything is recorded")
	return nil
}

// hurryOn waits for a second signal to stop. A signal to reload is none: it
// comes from a closing terminal, or from whoever renewed a certificate.
func hurryOn(ctx context.Context, signals <-chan os.Signal, hurry context.CancelCauseFunc) {
	for {
		select {
		case received := <-signals:
			if received != syscall.SIGHUP {
				hurry(errSecondSignal)
			}
		case <-ctx.Done():
			return
		}
	}
}
