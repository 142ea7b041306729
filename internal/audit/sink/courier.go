package sink

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"tollgate"
)

// courier brings the log to one sink. Its goroutine alone uses what it holds, but
// for the progress.
type courier struct {
	Options
	config   Config
	kind     *kind
	sink     Sink
	progress *progress

	begun    bool
	failures int              // in a row
	tried    map[string]int64 // by chain: up to where a batch was that failed
}

func newCourier(c Config, options Options) *courier {
	options.Log = options.Log.With(slog.String("sink", c.Name))
	k := kindOf(c.Kind)
	return &courier{
		Options: options, config: c, kind: k, sink: k.open(c, options.Surroundings),
		progress: newProgress(c), tried: map[string]int64{},
	}
}

// run delivers until ctx ends.
func (c *courier) run(ctx context.Context) {
	for ctx.Err() == nil {
		rest := time.NewTimer(c.round(ctx))
		select {
		case <-rest.C:
		case <-ctx.Done():
		}
		rest.Stop()
	}
}

// round delivers until nothing waits or something fails, and returns how long to
// rest.
func (c *courier) round(ctx context.Context) time.Duration {
	err := c.deliverAll(ctx)
	switch {
	case ctx.Err() != nil:
		return 0
	case err != nil:
		c.fail(err)
		return c.rest(c.failures)
	}
	c.succeed()
	return c.config.Every
}

// deliverAll delivers what is there when it begins. Checkpoints come last: what
// they commit to was recorded before they were taken.
func (c *courier) deliverAll(ctx context.Context) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	checkpoints, err := c.Outbox.SinkCheckpoints(ctx, c.config.Name)
	if err != nil {
		return unread(err)
	}
	chains, err := c.Outbox.SinkBacklog(ctx, c.config.Name)
	if err != nil {
		return unread(err)
	}
	c.progress.wait(chains)
	for _, chain := range chains {
		if err := c.deliverChain(ctx, chain); err != nil {
			return err
		}
	}
	for _, each := range checkpoints {
		if err := c.deliverCheckpoint(ctx, each); err != nil {
			return err
		}
	}
	return nil
}

func unread(err error) error { return fmt.Errorf("the audit log cannot be read: %w", err) }

func (c *courier) begin(ctx context.Context) error {
	if c.begun {
		return nil
	}
	if err := c.Outbox.BeginSink(ctx, c.config.Name, c.config.From == FromNow); err != nil {
		return fmt.Errorf("where the sink begins cannot be noted: %w", err)
	}
	c.begun = true
	return nil
}

func (c *courier) deliverChain(ctx context.Context, chain tollgate.AuditBacklog) error {
	for chain.Through < chain.Length {
		batch, err := c.next(ctx, chain)
		if err != nil {
			return unread(err)
		}
		if len(batch.Lines) > 0 {
			c.tried[chain.Chain] = batch.Last
			err = c.attempt(ctx, batch)
		}
		if err == nil {
			delete(c.tried, chain.Chain)
			err = c.note(ctx, func(ctx context.Context) error {
				return c.Outbox.MoveSink(ctx, c.config.Name, chain.Chain, chain.Through, batch.Last)
			})
		}
		if err != nil {
			return err
		}
		c.progress.deliver(batch, batch.Last-chain.Through, c.Now())
		chain.Through = batch.Last
	}
	return nil
}

// next is what comes next in a chain: after a failure the same again, so that
// what it did nevertheless is only repeated.
func (c *courier) next(ctx context.Context, chain tollgate.AuditBacklog) (Batch, error) {
	through := chain.Length
	if tried := c.tried[chain.Chain]; tried > chain.Through {
		through = tried
	}
	records, err := c.Outbox.SinkRecords(ctx, chain.Chain, chain.Through, through, c.kind.most.records)
	if err != nil {
		return Batch{}, err
	}
	batch := batchOf(chain.Chain, records, c.kind.most.bytes)
	if len(records) == 0 {
		batch.Last = through
	}
	if missing := missingIn(batch, chain.Through); missing > 0 {
		c.Log.Error("records of the audit log are not in the database any more and the sink has not got them; \"tollgate audit verify\" says more",
			"chain", chain.Chain, "after", chain.Through, "missing", missing)
	}
	c.progress.see(batch)
	return batch, nil
}

// batchOf takes records until they are too many bytes.
func batchOf(chain string, records []tollgate.AuditRecord, most int) Batch {
	batch := Batch{Chain: chain}
	for _, each := range records {
		if most -= len(each.Line); most < 0 && len(batch.Lines) > 0 {
			break
		}
		if len(batch.Lines) == 0 {
			batch.First = each.Number
		} else if each.Number != batch.Last+1 {
			break
		}
		batch.Last = each.Number
		batch.Lines = append(batch.Lines, each.Line)
	}
	return batch
}

// missingIn is how many records there should be and are not, between what the
// sink has and the batch.
func missingIn(batch Batch, through int64) int64 {
	if len(batch.Lines) == 0 {
		return batch.Last - through
	}
	return batch.First - through - 1
}

func (c *courier) deliverCheckpoint(ctx context.Context, checkpoint tollgate.AuditCheckpoint) error {
	batch := Batch{First: checkpoint.Size, Last: checkpoint.Size, Note: checkpoint.Note}
	if err := c.attempt(ctx, batch); err != nil {
		return err
	}
	err := c.note(ctx, func(ctx context.Context) error {
		return c.Outbox.MoveSinkCheckpoint(ctx, c.config.Name, checkpoint.Size)
	})
	if err == nil {
		c.progress.deliver(batch, 0, c.Now())
	}
	return err
}

// attemptBound is how long one attempt may take. One that is under way when the
// courier is to end has lastWords left; one that is cut off then is made again by
// whoever comes next.
const (
	attemptBound = 30 * time.Second
	lastWords    = 250 * time.Millisecond
)

func (c *courier) attempt(running context.Context, batch Batch) error {
	if err := running.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(running), attemptBound)
	defer cancel()
	ending := context.AfterFunc(running, func() { time.AfterFunc(lastWords, cancel) })
	defer ending()
	return c.sink.Deliver(ctx, batch)
}

// noteBound is how long the database may take to note how far the sink has come.
const noteBound = 5 * time.Second

// note notes what was delivered, even when running has ended meanwhile.
func (c *courier) note(running context.Context, move func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(running), noteBound)
	defer cancel()
	if err := move(ctx); err != nil {
		return fmt.Errorf("how far the sink has come cannot be noted: %w", err)
	}
	return nil
}

// fail tells operators of the first failure in a row.
func (c *courier) fail(err error) {
	if c.failures++; c.failures == 1 {
		c.Log.Warn("the audit log cannot be delivered to a sink; it is tried again until it is, and nothing is lost", "cause", err)
	}
	c.progress.fail(err, c.Now())
}

func (c *courier) succeed() {
	if c.failures > 0 {
		c.Log.Info("the audit log is delivered to the sink again", "failures", c.failures)
	}
	c.failures = 0
	c.progress.succeed()
}
