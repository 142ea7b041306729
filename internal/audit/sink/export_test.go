package sink

import "time"

// Hasty are options with which nothing rests after a failure.
func Hasty(options Options) Options {
	options.rest = func(int) time.Duration { return time.Millisecond }
	return options
}

// Open makes a valid sink.
func Open(c Config, around Surroundings) Sink {
	c = c.WithDefaults()
	return kindOf(c.Kind).open(c, around)
}

var (
	Same            = Config.same
	RestAfter       = restAfter
	TimeOf          = timeOf
	RejectedRecords = rejectedRecords
)

// AddressOf is where the bucket sink puts an object.
func AddressOf(c Config, name string) string { return (&bucket{config: c}).address(name) }
