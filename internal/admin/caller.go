package admin

import (
	"context"

	"tollgate"
)

// Caller is who asks the service for something.
type Caller struct {
	Name string // of the admin key, or of the way in
	Role Role
}

// action is one thing that can be asked for. Its name is what records of it
// will say.
type action struct {
	name  string
	needs Role
}

// Everything that can be asked of the service.
var (
	createTeam = action{"team.create", Write}
	readTeam   = action{"team.read", Read}
	removeTeam = action{"team.remove", Write}

	createDeveloper = action{"developer.create", Write}
	readDeveloper   = action{"developer.read", Read}
	removeDeveloper = action{"developer.remove", Write}

	createKey      = action{"key.create", Write}
	readKey        = action{"key.read", Read}
	rotateKey      = action{"key.rotate", Write}
	eraseDeveloper = action{"developer.erase", Write}
	addHold        = action{"hold.add", Write}
	readHold       = action{"hold.read", Read}
	removeHold     = action{"hold.remove", Write}

	revokeKey   = action{"key.revoke", Write}
	inviteKey   = action{"key.invite", Write}
	uninviteKey = action{"key.uninvite", Write}

	setBudget     = action{"budget.set", Write}
	readBudget    = action{"budget.read", Read}
	removeBudget  = action{"budget.remove", Write}
	raiseBudget   = action{"budget.raise", Write}
	previewBudget = action{"budget.preview", Read}
	testAlerts    = action{"alert.test", Write}

	setLimit     = action{"limit.set", Write}
	readLimit    = action{"limit.read", Read}
	removeLimit  = action{"limit.remove", Write}
	previewLimit = action{"limit.preview", Read}

	reload        = action{"config.reload", Write}
	readUpstream  = action{"upstream.read", Read}
	readSinks     = action{"audit.sinks", Read}
	readBody      = action{"body.read", Write}
	checkUpstream = action{"upstream.check", Write}

	readAudit   = action{"audit.read", Read}
	exportAudit = action{"audit.export", Read}

	readLedger  = action{"ledger.read", Read}
	checkLedger = action{"ledger.check", Read}
	readMetrics = action{"metrics.read", Read}
)

// authorize refuses what the caller's role does not cover. A caller without a
// role may do nothing.
func (s *Service) authorize(caller Caller, wanted action) error {
	if caller.Role == Write || caller.Role == wanted.needs {
		return nil
	}
	return tollgate.Errorf(tollgate.Forbidden,
		"%s needs the role %q, and the admin key %q does not have it; use a key that does", wanted.name, wanted.needs, caller.Name)
}

// noted leaves a line in the log if what was wanted has been done, and returns
// err as it is. object is the name or the id of what was changed, never a
// secret. about is what else the line says, as in slog.
func (s *Service) noted(ctx context.Context, caller Caller, wanted action, object string, err error, about ...any) error {
	if err == nil {
		s.log.With("action", wanted.name, "object", object, "admin", caller.Name).InfoContext(ctx, "an administrator made a change", about...)
	}
	return err
}
