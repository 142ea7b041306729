package main

import (
	"context"
	"fmt"
	"os"
)

// results is everything that was measured.
type results struct {
	version string // of the gateway
	effort  effort
	lines   []lineResult
	slow    slowResult
	first   firstResult
	start   startResult
}

// measure runs every line and writes the results.
func measure(ctx context.Context, o options) error {
	if err := os.MkdirAll(o.profile.folder, 0o755); o.profile.folder != "" && err != nil {
		return err
	}
	r := results{version: version(ctx, o.gateway), effort: o.effort}
	for _, l := range lines {
		result, err := measureLine(ctx, o, l)
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		r.lines = append(r.lines, result)
	}
	var err error
	if r.first, err = measureFirstByte(ctx, o); err != nil {
		return fmt.Errorf("first byte: %w", err)
	}
	if r.slow, err = measureSlow(ctx, o); err != nil {
		return fmt.Errorf("slow streams: %w", err)
	}
	if r.start, err = measureStart(ctx, o); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	return os.WriteFile(o.out, report(r), 0o644)
}

// progress tells whoever waits what is being measured.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
