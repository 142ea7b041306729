package app

import (
	"net/http"
	"sync"

	"tollgate"
	"tollgate/internal/admin"
)

// changes are what administrators change through this process. They are shut
// while another process may hold what they would change, and afterwards.
type changes struct {
	mu    sync.Mutex
	shut  bool
	under sync.WaitGroup // changes under way
}

// errPassedOn is answered on a connection that was open before a hand-over.
var errPassedOn = &tollgate.Error{
	Kind:    tollgate.Stopping,
	Message: "this process hands over to another and changes nothing any more; ask again, on a new connection",
}

// close lets nobody begin a change any more, and returns when the last one has
// been made.
func (c *changes) close() {
	c.mu.Lock()
	c.shut = true
	c.mu.Unlock()
	c.under.Wait()
}

func (c *changes) open() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shut = false
}

func (c *changes) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.shut {
		c.under.Add(1)
	}
	return !c.shut
}

// guard refuses changes while they are shut. Questions are answered: the
// database is the same for both processes.
func (c *changes) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !admin.Changes(r) {
			next.ServeHTTP(w, r)
			return
		}
		if !c.begin() {
			w.Header().Set("Connection", "close")
			w.Header().Set("Retry-After", "1")
			admin.Refuse(w, errPassedOn)
			return
		}
		defer c.under.Done()
		next.ServeHTTP(w, r)
	})
}
