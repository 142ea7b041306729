package admin

import (
	"context"
	"time"

	"tollgate"
)

// Register keeps teams, developers, keys, budgets and limits. A method that returns nil has
// made its change durable; each is one transaction. Errors are
// *tollgate.Error: NotFound, Conflict or Invalid are meant for the caller.
type Register interface {
	CreateTeam(ctx context.Context, team tollgate.Team) error
	Team(ctx context.Context, name string) (tollgate.Team, error)
	Teams(ctx context.Context) ([]tollgate.Team, error)
	RemoveTeam(ctx context.Context, name string, at time.Time) error

	CreateDeveloper(ctx context.Context, developer tollgate.Developer) error
	Developer(ctx context.Context, email string) (tollgate.Developer, error)
	Developers(ctx context.Context, team string) ([]tollgate.Developer, error)
	RemoveDeveloper(ctx context.Context, email string, at time.Time) (revoked []tollgate.Key, err error)

	// EraseDeveloper takes the person out of everything that is kept, and returns
	// the pseudonym that stands in their place. Conflict while a legal hold is on.
	EraseDeveloper(ctx context.Context, email string, at time.Time) (person string, err error)

	AddHold(ctx context.Context, hold tollgate.Hold) error
	RemoveHold(ctx context.Context, id, reason string) (tollgate.Hold, error)
	Holds(ctx context.Context) ([]tollgate.Hold, error)

	Service(ctx context.Context, name string) (tollgate.Service, error)

	CreateKey(ctx context.Context, key tollgate.Key) (stored tollgate.Key, err error)
	Key(ctx context.Context, id string) (tollgate.Key, error)
	Keys(ctx context.Context, filter tollgate.KeyFilter) ([]tollgate.Key, error)
	UpdateKey(ctx context.Context, id string, change func(*tollgate.Key) error) (tollgate.Key, error)

	AddInvitation(ctx context.Context, invitation tollgate.Invitation) error
	Invitations(ctx context.Context) ([]tollgate.Invitation, error)
	WithdrawInvitation(ctx context.Context, id string) (tollgate.Invitation, error)
	// Redeem exchanges an invitation for the key that was drawn, once.
	Redeem(ctx context.Context, id string, hash []byte, at time.Time, drawn tollgate.Key) (tollgate.Key, error)

	// SetBudget changes the budget that is there for the same scope, period,
	// models, each and hard, which keeps its id and its raises, or adds one.
	SetBudget(ctx context.Context, budget tollgate.Budget) (stored tollgate.Budget, err error)
	Budget(ctx context.Context, id string) (tollgate.Budget, error)
	Budgets(ctx context.Context) ([]tollgate.Budget, error)
	RemoveBudget(ctx context.Context, id string) error
	RaiseBudget(ctx context.Context, id string, raise tollgate.Raise) (tollgate.Budget, error)

	// SetLimit does the same for the limit with the same scope, models and each.
	SetLimit(ctx context.Context, limit tollgate.Limit) (stored tollgate.Limit, err error)
	Limit(ctx context.Context, id string) (tollgate.Limit, error)
	Limits(ctx context.Context) ([]tollgate.Limit, error)
	RemoveLimit(ctx context.Context, id string) error
}

// Ledger answers questions about the requests that were made. It is only read
// here. An attribute that it does not know is Invalid.
type Ledger interface {
	// CatchUp gives requests that have ended a moment to come into the ledger,
	// and says how many are not in it all the same.
	CatchUp(ctx context.Context) (unstored int64)
	// Overwrite lets go of what is kept of requests beside the ledger, as soon as
	// they are in it, and of what was overwritten in it.
	Overwrite(ctx context.Context) error
	Request(ctx context.Context, id string) (*tollgate.Exchange, error) // by our id or by the provider's
	Requests(ctx context.Context, query tollgate.RequestQuery) (rows []*tollgate.Exchange, next string, err error)
	Usage(ctx context.Context, query tollgate.UsageQuery) (tollgate.UsageReport, error)
	// Check compares it with everything that has to agree with it. It is
	// Conflict while another check runs.
	Check(ctx context.Context) (tollgate.LedgerCheck, error)
}

// Keyring is the data plane's view of the keys. A key that was Put is what the
// next request meets, save that one which was revoked stays so. Revoke ends
// the keys that are chosen and in force, and returns them.
type Keyring interface {
	Hash(key string) []byte
	Put(key tollgate.Key)
	Revoke(chosen func(tollgate.Key) bool, at time.Time) (revoked []tollgate.Key)
	LastUsed(id string) time.Time // zero when not since the start
}
