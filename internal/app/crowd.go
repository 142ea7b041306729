package app

import (
	"net/http"

	"tollgate"
	"tollgate/internal/admin"
	"tollgate/internal/bound"
)

// adminConnections is how many connections the admin API has over the network.
// The Unix socket has no bound: whoever may open it could do worse.
const adminConnections = 256

// boundConnections refuses what comes on a connection too many.
func boundConnections(server *http.Server) *http.Server {
	var connections bound.Connections
	connections.Set(adminConnections)
	connections.Watch(server)
	next := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !bound.Over(r.Context()) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Connection", "close")
		admin.Refuse(w, &tollgate.Error{
			Kind:    tollgate.Full,
			Message: "the admin API has as many connections as it takes; close some, or use the Unix socket",
		})
	})
	return server
}
