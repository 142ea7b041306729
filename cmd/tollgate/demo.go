package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tollgate"
	"tollgate/api"
	"tollgate/client"
	"tollgate/internal/app"
	"tollgate/internal/config"
	"tollgate/internal/simulator"
)

// demoDeveloper is who the demo's key belongs to.
const demoDeveloper = "you@example.com"

// newDemoCommand is tollgate demo: everything in one process, nothing kept.
func newDemoCommand() *cobra.Command {
	var listen string
	command := &cobra.Command{
		Use:   "demo",
		Short: "Try the gateway with a simulated provider",
		Long: `Run the gateway, a simulated provider and a fresh key in one process.

Two lines for a shell go to stdout; paste them into another terminal and start
claude there. One line for every request goes to stderr. Nothing leaves this
machine, and the state is removed at the end.`,
		Example: `  tollgate demo --listen 127.0.0.1:8080

  # in another terminal, after pasting the two export lines
  claude -p "What does README.md say?"`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkListen(listen); err != nil {
				return err
			}
			ctx, cancel := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
			defer cancel()
			return demo(ctx, listen, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	command.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDRESS` of the gateway, host:port")
	return command
}

func demo(ctx context.Context, listen string, stdout, stderr io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "tollgate-demo-")
	if err != nil {
		return fmt.Errorf("there is no room for the demo's state: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	provider, err := startProvider(ctx)
	if err != nil {
		return err
	}
	defer provider.Close()
	settings, err := demoConfig(listen, provider.Addr, filepath.Join(folder, "data"))
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	gateway, err := app.Start(ctx, settings, app.Options{Version: versionText(), Log: log, Watch: printExchange(stderr)})
	if err != nil {
		return demoCannotStart(err, listen)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		err = errors.Join(err, gateway.Stop(ctx))
	}()
	key, err := demoKey(ctx, gateway)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "export ANTHROPIC_BASE_URL=%s\nexport ANTHROPIC_AUTH_TOKEN=%s\n", gateway.URL, key)
	fmt.Fprintf(stderr, "The demo runs. Paste the two lines above into another terminal and start claude there.\n"+
		"Ask the ledger with:  %s usage --by model --data-dir %s\nCtrl-C ends it.\n\n", os.Args[0], settings.DataDir)
	<-ctx.Done()
	return nil
}

// demoCannotStart names the way out when the address is the reason: the demo
// has no configuration file in which another could be chosen.
func demoCannotStart(err error, listen string) error {
	if address, ok := errors.AsType[*net.OpError](err); ok && address.Op == "listen" {
		return fmt.Errorf("the demo cannot listen on %s (%w); is another program there? choose another address with --listen, as in \"make demo LISTEN=127.0.0.1:9090\"", listen, address.Err)
	}
	return err
}

// startProvider runs the simulated provider on a port of its own.
func startProvider(ctx context.Context) (*http.Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the simulated provider has no address to listen on: %w", err)
	}
	server := &http.Server{
		Addr:              listener.Addr().String(),
		Handler:           simulator.New(simulator.Config{Pace: simulator.DefaultPace}),
		ReadHeaderTimeout: time.Minute,
	}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return server, nil
}

func demoConfig(listen, provider, folder string) (*config.Config, error) {
	text := fmt.Sprintf(`
listen: {address: %q}
data_dir: %q
upstreams: [{name: simulated, provider: anthropic, base_url: "http://%s", api_key: sk-simulated-provider-key}]
`, listen, folder, provider)
	return config.Parse("the demo's configuration", []byte(text), config.Lookup{Env: os.LookupEnv, File: os.ReadFile})
}

// demoKey asks for a key as an administrator would.
func demoKey(ctx context.Context, gateway *app.App) (string, error) {
	admin := client.Socket(gateway.Socket)
	if _, err := admin.CreateDeveloper(ctx, api.NewDeveloper{Email: demoDeveloper}); err != nil {
		return "", err
	}
	key, err := admin.CreateKey(ctx, api.NewKey{Developer: demoDeveloper, Label: "demo"})
	if err != nil {
		return "", err
	}
	return key.Key, nil
}

// printExchange prints a line for each request, one at a time.
func printExchange(out io.Writer) func(*tollgate.Exchange) {
	var mu sync.Mutex
	return func(x *tollgate.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(out, exchangeLine(x))
	}
}

func exchangeLine(x *tollgate.Exchange) string {
	line := fmt.Sprintf("%s  %3d  %-12s  %-20s  in %d (%d from cache)  out %d  %s  %s", x.Time.Local().Format(time.TimeOnly), x.Status, x.Operation, printable(x.Model),
		x.Usage.Prompt(), x.Usage.CacheRead, x.Usage.Output, x.Cost, x.Duration.Round(time.Millisecond))
	if x.Error != "" {
		line += "  " + printable(x.Error)
	}
	return line
}
