package app

import "time"

// NewTLS is for tests that turn the clock.
var NewTLS = newTLS

// SetStoreBound says how long the last rows may take to reach the database.
func (a *App) SetStoreBound(bound time.Duration) { a.storeBound = bound }
