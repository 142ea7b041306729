package main

import (
	"context"
	"fmt"
	"os"
)

// results is everything that was measured.
type results struct {
	version string // of the gateway
	nginx   string // its version, "" where it is not installed
	effort  effort
	lines   []lineResult
	calm    []calmResult
	slow    slowResult
	full    fullResult
	start   startResult
	gates   gateResult
	audit   auditResult
}

// step measures one line and writes it into the results.
type step struct {
	name    string
	measure func(context.Context, options, *results) error
}

// steps are all lines, in the order in which they are measured.
func steps() []step {
	var all []step
	for _, l := range lines {
		all = append(all, step{l.name, func(ctx context.Context, o options, r *results) error {
			result, err := measureLine(ctx, o, l)
			r.lines = append(r.lines, result)
			return err
		}})
	}
	return append(all, step{"below saturation", measureCalm}, step{"open streams", measureSlow}, step{"nothing lost", measureFull}, step{"start", measureStart}, step{"gates", measureGates}, step{"audit", measureAudit})
}

func lineNames() (names []string) {
	for _, s := range steps() {
		names = append(names, s.name)
	}
	return names
}

// measure runs every line, or the one that was asked for, and writes the
// results.
func measure(ctx context.Context, o options) error {
	if err := os.MkdirAll(o.profile.folder, 0o755); o.profile.folder != "" && err != nil {
		return err
	}
	r := results{version: version(ctx, o.gateway), nginx: nginxVersion(ctx), effort: o.effort}
	if r.nginx == "" {
		progress("NGINX IS NOT INSTALLED and will be missing from the results (Debian: apt-get install nginx)")
	}
	for _, s := range steps() {
		if o.line != "" && o.line != s.name {
			continue
		}
		if err := s.measure(ctx, o, &r); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if o.line != "" {
		_, err := os.Stdout.Write(report(r))
		return err
	}
	return os.WriteFile(o.out, report(r), 0o644)
}

// progress tells whoever waits what is being measured.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
