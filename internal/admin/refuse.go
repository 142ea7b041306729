package admin

import (
	"net/http"

	"tollgate"
	"tollgate/api"
)

// Refuse answers a request to the API that does not reach the service.
func Refuse(w http.ResponseWriter, refusal *tollgate.Error) {
	writeJSON(w, refusal.Kind.Status(), api.Failure{Error: api.Error{Type: refusal.Kind.WireType(), Message: refusal.Message}})
}
