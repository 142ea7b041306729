package journal

import "tollgate"

// Config is how much may wait for the database, and what happens beyond.
type Config struct {
	// MaxBytes bounds what the journal keeps on the disk while the database
	// does not take it, as a number of bytes or with a unit (1GiB). A request
	// takes about 1.5 KB.
	MaxBytes tollgate.ByteSize `yaml:"max_bytes"`
	// WhenUnable is what happens to a new request that the journal cannot
	// take, because the bound is reached or the disk fails: refuse answers 529
	// until it can; serve lets it pass, at the risk that nobody can bill it.
	WhenUnable Stance `yaml:"when_unable"`
}

// Stance is what happens to a request that cannot be recorded.
type Stance string

// The stances.
const (
	Refuse Stance = "refuse"
	Serve  Stance = "serve"
)

// DefaultConfig is in force where the configuration says nothing.
func DefaultConfig() Config { return Config{MaxBytes: 1 << 30, WhenUnable: Refuse} }

// leastBytes lets two segments exist beside each other.
const leastBytes = 4 * segmentBytes

// Validate returns every mistake at once. Paths are relative to this Config.
func (c Config) Validate() (problems []tollgate.Problem) {
	if c.MaxBytes < leastBytes {
		problems = append(problems, tollgate.Problem{
			Path: "max_bytes", Message: "is too little for the journal to work in", Remedy: "write at least 64MiB",
		})
	}
	if c.WhenUnable != Refuse && c.WhenUnable != Serve {
		problems = append(problems, tollgate.Problem{
			Path: "when_unable", Message: "is neither refuse nor serve", Remedy: "write one of the two",
		})
	}
	return problems
}
