package app

import (
	"time"

	"tollgate"
)

// NewTLS is for tests that turn the clock.
var NewTLS = newTLS

// SetStoreBound says how long the last rows may take to reach the database.
func (a *App) SetStoreBound(bound time.Duration) { a.storeBound = bound }

// Record hands a row to the ledger, as the end of a request does.
func (a *App) Record(x *tollgate.Exchange) { a.writer.Record(x) }
