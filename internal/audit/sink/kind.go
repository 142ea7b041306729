package sink

import (
	"io"
	"slices"
	"strings"
	"time"

	"tollgate"
)

// kinds is the one list of the kinds of sinks.
var kinds = []*kind{jsonl, stdout, webhook, otlp, s3}

// kind is what is to be known of a kind of sinks: one file each.
type kind struct {
	name    string
	members []string      // of Config that it takes beside those that all take
	every   time.Duration // the default
	most    size          // of a batch

	complete func(*Config)                   // fills in defaults; nil: there are none
	problems func(Config) []tollgate.Problem // nil: there are none
	open     func(Config, Surroundings) Sink // for a valid Config
}

// size bounds a batch. One record is always in it.
type size struct{ records, bytes int }

// usual is a batch that everybody takes.
var usual = size{records: 500, bytes: 512 << 10}

// Surroundings are what sinks need of the process.
type Surroundings struct {
	Version string
	Stdout  io.Writer
	Signer  func(Config) Signer // of requests to a bucket
	Now     func() time.Time
}

func kindOf(name string) *kind {
	if i := slices.IndexFunc(kinds, func(k *kind) bool { return k.name == name }); i >= 0 {
		return kinds[i]
	}
	return nil
}

func kindNames() string {
	var names []string
	for _, each := range kinds {
		names = append(names, each.name)
	}
	return strings.Join(names, ", ")
}
