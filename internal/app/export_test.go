package app

import (
	"net/http"
	"time"
)

// NewTLS is for tests that turn the clock.
var NewTLS = newTLS

// SetStoreBound says how long the last rows may take to reach the database.
func (a *App) SetStoreBound(bound time.Duration) { a.storeBound = bound }

// Private closes a socket to others before it has a name.
var Private = private

// DataPlane is what answers on the data plane's connections.
func (a *App) DataPlane() http.Handler { return a.servers.counted(a.proxy) }

// JournalFigures and LoadFigures are figures as the metrics have them.
var (
	JournalFigures = journalFigures
	LoadFigures    = loadFigures
)
