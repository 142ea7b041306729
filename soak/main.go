// Command soak lets the gateway run for a while under everything that can
// happen to it, and then asks whether anything is left of it.
//
// It starts the real binary as a process in front of a simulated provider and
// sends it what a department's clients would in a month: streams and whole
// answers of many sizes, hang-ups at every point, slow readers and writers,
// provider faults, bad requests and bad keys, changes by administrators,
// reloads with good and bad configurations, hand-overs to a new process. Their
// team has budgets that are spent again and again, and limits. The load is
// bounded: a few clients that pause between requests.
//
// It passes when the process is as small in the end as it was after warming
// up, the ledger has no differences, every request is accounted for as often as
// the provider saw it, what was to succeed has succeeded, the budgets have held
// and nothing is held of them, and every process has ended cleanly. What it
// found is written to a Markdown file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// options are what a person may choose.
type options struct {
	gateway string // the binary
	last    time.Duration
	clients int
	out     string
	keep    bool
}

var errFailed = errors.New("not all requirements are met; see the report")

func run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.StringVar(&o.gateway, "gateway", "bin/tollgate", "the gateway's binary")
	flags.DurationVar(&o.last, "time", 30*time.Minute, "how long in all")
	flags.IntVar(&o.clients, "clients", 24, "how many ask at the same time")
	flags.StringVar(&o.out, "out", "bench/SOAK.md", "where to write the report")
	flags.BoolVar(&o.keep, "keep", false, "keep the data folder and the log, and say where they are")
	if err := flags.Parse(args); err != nil {
		return err
	}
	found, err := soak(ctx, o)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.out, []byte(found.markdown()), 0o644); err != nil {
		return err
	}
	for _, each := range found.requirements {
		fmt.Println(each)
	}
	if !found.met() {
		return errFailed
	}
	return nil
}
