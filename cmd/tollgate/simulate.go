package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tollgate/internal/simulator"
)

const simulateExample = `  tollgate simulate --listen 127.0.0.1:9000

  curl -sN http://127.0.0.1:9000/v1/messages \
    -H 'anthropic-version: 2023-06-01' -H 'x-api-key: anything' \
    -d '{"model":"claude-opus-5-5","max_tokens":100,"stream":true,
         "messages":[{"role":"user","content":"Hello"}]}'`

// simulateOptions are the flags of tollgate simulate.
type simulateOptions struct {
	listen string
	script string
	pace   time.Duration
	keys   []string
}

// newSimulateCommand is tollgate simulate: the simulated provider alone.
func newSimulateCommand() *cobra.Command {
	var options simulateOptions
	command := &cobra.Command{
		Use:   "simulate --listen ADDR",
		Short: "Run a simulated provider to practise on",
		Long: `Run a simulated provider on an address of your own: the Anthropic Messages API,
Amazon Bedrock in both of its forms, Vertex AI, Microsoft Foundry and Claude Platform
on AWS.

It streams at a human pace, thinks, calls Claude Code's tools and reads their
results, counts tokens and keeps a prompt cache. Ask it to read a file, to run
a ` + "`command`" + `, to search the web or to spawn an agent.

` + simulator.ProviderHelp + "\n" + simulator.ScriptHelp,
		Example: simulateExample,
		Args:    none,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := checkListen(options.listen); err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(command.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return simulate(ctx, options, command.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.listen, "listen", "", "`ADDRESS` to listen on, such as 127.0.0.1:9000")
	flags.StringVar(&options.script, "script", "", "YAML file of rules by which it misbehaves")
	flags.DurationVar(&options.pace, "pace", simulator.DefaultPace, "time between two deltas of a stream; 0 for as fast as possible")
	flags.StringArrayVar(&options.keys, "key", nil, "a credential to take; repeat for more, leave out to take any")
	return command
}

// simulate serves until the context ends.
func simulate(ctx context.Context, options simulateOptions, out io.Writer) error {
	script, err := readScript(options.script)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", options.listen)
	if err != nil {
		return fmt.Errorf("the simulated provider cannot listen on %s; choose another address with --listen: %w", options.listen, err)
	}
	fmt.Fprintf(out, "The simulated provider listens on http://%s\n", listener.Addr())
	server := &http.Server{
		Handler: simulator.New(simulator.Config{
			Pace: options.pace, Script: script, Keys: options.keys, Served: printServed(out),
		}),
		ReadHeaderTimeout: time.Minute,
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func readScript(path string) (*simulator.Script, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the script cannot be read; name a readable file with --script: %w", err)
	}
	script, problems := simulator.ParseScript(text)
	if len(problems) == 0 {
		return script, nil
	}
	lines := []string{fmt.Sprintf("%s cannot be played; mend these and start again:", path)}
	for _, problem := range problems {
		lines = append(lines, "  "+problem.String())
	}
	return nil, errors.New(strings.Join(lines, "\n"))
}

// printServed prints a line for each request, one at a time.
func printServed(out io.Writer) func(simulator.Served) {
	var mu sync.Mutex
	return func(served simulator.Served) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(out, served)
	}
}
