package app

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Drain is how long a stop may wait for answers under way.
func (a *App) Drain() time.Duration {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	return a.config.Limits.Drain
}

// UnderWay is how many requests have been sent to a provider and not ended.
func (a *App) UnderWay() int { return a.journal.Stats().Open }

// Stop ends the gateway: no new work, answers under way may finish until ctx
// ends, everything recorded is stored. While it waits, /readyz says that no
// more work is taken, and so does whoever brings some; a process that comes to
// take over gets everything. When one has, what arrives on open connections is
// still served, until they are closed or ctx ends.
func (a *App) Stop(ctx context.Context) error {
	a.announce(func(s *succession) { s.stopping = true })
	a.servers.quiet(ctx)
	a.succession.await(ctx)
	if a.hasPassed() {
		a.servers.deserted(ctx)
	}
	return a.tearDown(ctx)
}

// storeBound is how long the last rows may take to reach the database, however
// long the answers took before.
const storeBound = 10 * time.Second

// tearDown takes down whatever has been built.
func (a *App) tearDown(ctx context.Context) error {
	a.servers.stop(ctx)
	var errs []error
	if a.service != nil {
		errs = append(errs, a.closeService(ctx))
	}
	if a.journal != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.storeBound)
		defer cancel()
		errs = append(errs, a.journal.Stop(ctx))
	}
	if a.bodies.Vault != nil {
		a.stopBodies(ctx)
	}
	if a.touched != nil {
		a.touched.stop()
	}
	if a.teller != nil {
		a.teller.stop()
	}
	if a.sinks != nil {
		a.sinks.stop()
	}
	if a.retirer != nil {
		a.retirer.stop()
	}
	if a.pruner != nil {
		a.pruner.stop()
	}
	if a.rules != nil {
		a.rules.stop()
	}
	if a.auditor != nil {
		a.stopAudit(ctx)
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.folder != nil {
		errs = append(errs, a.leave())
	}
	if a.tracer != nil { // last, since a collector that hangs must hold up nothing
		a.tracer.Stop(context.WithoutCancel(ctx))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("while stopping: %w", err)
	}
	return nil
}

// stopAudit records the end, while there still is a database. When that does not
// take it, the next start records that this process has ended somehow.
func (a *App) stopAudit(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.storeBound)
	defer cancel()
	if err := a.auditor.stop(ctx); err != nil {
		a.log.Error("the audit log could not be brought to its end; the next start says so in it", "cause", err)
	}
}

// leave gives the data folder up, if it is this process's. Until a successor
// serves, the sockets in it are its predecessor's.
func (a *App) leave() (err error) {
	a.succession.close()
	if a.folder.lock.Locked() && a.claim == nil {
		err = a.folder.sweep()
	}
	err = errors.Join(err, a.folder.release())
	if a.claim != nil {
		err = errors.Join(err, a.claim.Close())
	}
	return err
}

// closeService stores what administrators did and could not be stored before.
func (a *App) closeService(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.storeBound)
	defer cancel()
	return a.service.Close(ctx)
}

// stopBodies stores the bodies that are still in memory.
func (a *App) stopBodies(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.storeBound)
	defer cancel()
	a.bodies.Stop(ctx)
}
