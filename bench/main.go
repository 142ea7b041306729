// Command bench measures the gateway side by side with a bare reverse proxy
// and writes what it found to a Markdown file.
//
// It starts three kinds of process on the loopback interface: a lean provider
// whose answers are computed beforehand (bench sink), a reverse proxy of Go's
// standard library (bench proxy), and the gateway as users run it, with its
// ledger, digests and log on; nginx too, where it is installed. The same load
// goes to each of them in turns, so that what disturbs the machine disturbs
// all, and what counts is the ratio within each round of turns.
//
// It refuses to measure anything that fails: one answer other than 200, or one
// request without its row in the ledger, ends the run. Every load is bounded
// in count and in time.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the load generator, unless it is told to play another part.
func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "sink":
			return serve(sink())
		case "proxy":
			return serve(reverseProxy(args[1]))
		}
	}
	options, err := parse(args)
	if err != nil {
		return err
	}
	return measure(ctx, options)
}

// options are what a person may choose.
type options struct {
	gateway string // the binary; empty for a second reverse proxy
	against string // another build of it
	line    string // the only one to measure
	out     string
	profile profiler
	effort  effort
}

func parse(args []string) (options, error) {
	var o options
	var quick bool
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.gateway, "gateway", "bin/tollgate", "the gateway's binary; empty puts a second reverse proxy in its place, to see the noise")
	flags.StringVar(&o.against, "against", "", "another build of the gateway, to be measured beside it")
	flags.StringVar(&o.line, "line", "", "measure this line alone: "+strings.Join(lineNames(), ", "))
	flags.StringVar(&o.out, "out", "bench/RESULTS.md", "where to write the results")
	flags.StringVar(&o.profile.folder, "profile", "", "a folder for CPU profiles of the gateway, one for each line")
	flags.BoolVar(&quick, "quick", false, "a look in less than a minute, too coarse to publish")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.line != "" && !slices.Contains(lineNames(), o.line) {
		return o, fmt.Errorf("there is no line %q; there are: %s", o.line, strings.Join(lineNames(), ", "))
	}
	o.profile.binary = o.gateway
	o.effort = thorough
	if quick {
		o.effort = glance
	}
	return o, nil
}
