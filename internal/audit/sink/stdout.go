package sink

import (
	"context"
	"io"
	"time"
)

const stdoutName = "stdout"

// stdout writes records to the standard output of the process, one a line.
var stdout = &kind{
	name:  stdoutName,
	every: time.Second,
	most:  usual,
	open:  func(_ Config, around Surroundings) Sink { return &printer{aside: newAside(), to: around.Stdout} },
}

type printer struct {
	aside
	to   io.Writer
	torn bool // the last write ended within a line
}

// Deliver implements Sink.
func (p *printer) Deliver(ctx context.Context, batch Batch) error {
	return p.do(ctx, func() error { return p.write(batch.JSONLines()) })
}

// write ends a line that was broken off before, which then stands alone.
func (p *printer) write(text []byte) error {
	if p.torn {
		text = append([]byte{'\n'}, text...)
	}
	n, err := p.to.Write(text)
	if n > 0 {
		p.torn = text[n-1] != '\n'
	}
	return err
}
