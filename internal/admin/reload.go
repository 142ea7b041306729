package admin

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"tollgate"
	"tollgate/api"
)

// Reload reads the configuration again. The error of one with mistakes names
// each with its line; then nothing has changed.
func (s *Service) Reload(ctx context.Context, caller Caller) (tollgate.Reload, error) {
	if err := s.authorize(caller, reload); err != nil {
		return tollgate.Reload{}, err
	}
	done, err := s.fleet.Reload()
	return done, s.recorded(ctx, caller, reload, "configuration", err, "changed", cmp.Or(strings.Join(done.Changed, " "), "nothing"))
}

func (f *face) reload(r *http.Request, caller Caller) (any, error) {
	done, err := f.service.Reload(r.Context(), caller)
	return api.Reload{Changed: list(done.Changed), NeedRestart: list(done.NeedRestart)}, err
}
