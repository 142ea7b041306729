package sink

import (
	"context"
	"time"

	"tollgate"
)

// jsonl appends records to a file, one a line, and begins another file when that
// one is large or old.
var jsonl = &kind{
	name:     "jsonl",
	members:  []string{"path", "max_bytes", "max_age", "keep"},
	every:    time.Second,
	most:     usual,
	complete: completeFile,
	problems: Config.fileProblems,
	open: func(c Config, around Surroundings) Sink {
		return &fileSink{aside: newAside(), file: rotated{path: c.Path, maxBytes: int64(c.MaxBytes), maxAge: c.MaxAge, keep: int(c.Keep), now: around.Now}}
	},
}

func completeFile(c *Config) {
	if c.MaxBytes == 0 {
		c.MaxBytes = 256 << 20
	}
	if c.MaxAge == 0 {
		c.MaxAge = 24 * time.Hour
	}
}

func (c Config) fileProblems() (problems []tollgate.Problem) {
	if c.Path == "" {
		problems = append(problems, problem("path", "is missing", "name the file that records are appended to, such as /var/log/tollgate/audit.jsonl"))
	}
	if c.MaxBytes < 0 {
		problems = append(problems, problem("max_bytes", "must not be less than 0", "write a size such as 256MiB"))
	}
	if c.MaxAge < 0 {
		problems = append(problems, problem("max_age", "must not be less than 0", "write a duration such as 1d"))
	}
	if c.Keep < 0 {
		problems = append(problems, problem("keep", "must not be less than 0", "write how many full files stay, or remove it to keep all"))
	}
	return problems
}

type fileSink struct {
	aside
	file rotated
}

// Deliver implements Sink.
func (s *fileSink) Deliver(ctx context.Context, batch Batch) error {
	return s.do(ctx, func() error { return s.file.append(batch.JSONLines()) })
}
