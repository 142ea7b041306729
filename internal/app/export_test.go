package app

import "time"

// NewTLS is for tests that turn the clock.
var NewTLS = newTLS

// SetStoreBound says how long the last rows may take to reach the database.
func (a *App) SetStoreBound(bound time.Duration) { a.storeBound = bound }

// Private closes a socket to others before it has a name.
var Private = private
