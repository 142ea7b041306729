package admin

import (
	"time"

	"tollgate"
	"tollgate/api"
)

func wireBudget(account Account) api.Budget {
	start, end := account.Period.Window(account.At, account.Zone)
	wire := api.Budget{
		ID:            account.ID,
		Scope:         account.Scope.String(),
		AmountNanoUSD: int64(account.Amount),
		Period:        string(account.Period),
		TimeZone:      account.Zone.String(),
		Models:        list(account.Models),
		Each:          account.Each,
		Hard:          account.Hard,
		Enforce:       string(account.Enforce),
		AlertAt:       wireThresholds(account.Alerts),

		LimitNanoUSD: int64(account.Limit(tollgate.Scope{}, account.At)),
		StartsAt:     moment(start),
		ResetsAt:     moment(end),

		Raises:    each(account.Raises, func(raise tollgate.Raise) api.Raise { return wireRaise(raise, account.At) }),
		CreatedAt: account.CreatedAt.UTC(),
	}
	sumStates(&wire, account.States)
	if account.Each && len(account.States) > 0 {
		wire.Fullest = new(wireMember(account.States[0]))
	}
	return wire
}

// wireThresholds is null for those of the configuration.
func wireThresholds(percentages []int) *[]int {
	if percentages == nil {
		return nil
	}
	return &percentages
}

// sumStates adds up what all members have spent.
func sumStates(wire *api.Budget, states []tollgate.BudgetState) {
	var spent, held, exposed tollgate.Money
	for _, state := range states {
		spent, held, exposed = spent.Plus(state.Spent), held.Plus(state.Held), exposed.Plus(state.Exposed)
	}
	wire.SpentNanoUSD, wire.HeldNanoUSD, wire.ExposedNanoUSD = int64(spent), int64(held), int64(exposed)
}

// maxMembers is how many members of a budget are shown.
const maxMembers = 100

// wireBudgetWhole is wireBudget with the members.
func wireBudgetWhole(account Account) api.Budget {
	wire := wireBudget(account)
	if account.Each {
		shown := account.States[:min(maxMembers, len(account.States))]
		wire.Members = each(shown, wireMember)
		wire.MoreMembers = int64(len(account.States) - len(shown))
	}
	return wire
}

func wireMember(state tollgate.BudgetState) api.BudgetMember {
	return api.BudgetMember{
		Member:       state.Whom().String(),
		LimitNanoUSD: int64(state.Limit),
		SpentNanoUSD: int64(state.Spent),
		HeldNanoUSD:  int64(state.Held),
	}
}

func wireRaise(raise tollgate.Raise, at time.Time) api.Raise {
	return api.Raise{
		ID:        raise.ID,
		Member:    optional(raise.Member.String()),
		ByNanoUSD: int64(raise.By),
		From:      raise.From.UTC(),
		Until:     raise.Until.UTC(),
		Reason:    raise.Reason,
		CreatedBy: raise.CreatedBy,
		InForce:   !at.Before(raise.From) && at.Before(raise.Until),
	}
}

func wireLimit(limit tollgate.Limit) api.Limit {
	return api.Limit{
		ID:     limit.ID,
		Scope:  limit.Scope.String(),
		Models: list(limit.Models),
		Each:   limit.Each,

		RequestsPerMinute:     optional(limit.RequestsPerMinute),
		InputTokensPerMinute:  optional(limit.InputTokensPerMinute),
		OutputTokensPerMinute: optional(limit.OutputTokensPerMinute),
		Concurrent:            optional(limit.Concurrent),
		CountTokensPerMinute:  optional(limit.CountTokensPerMinute),

		CreatedAt: limit.CreatedAt.UTC(),
	}
}

func wirePreview(preview Preview) api.Preview {
	return api.Preview{
		Since:        preview.Since.UTC(),
		Until:        preview.Until.UTC(),
		TimeZone:     preview.Zone.String(),
		Requests:     preview.Requests,
		Refused:      preview.Refused,
		SavedNanoUSD: int64(preview.Saved),
		Refusals:     each(preview.Refusals, wirePreviewRefusal),
		Notes:        list(preview.Notes),
	}
}

func wirePreviewRefusal(refusal tollgate.PreviewRefusal) api.PreviewRefusal {
	return api.PreviewRefusal{
		Whom:     refusal.Whom.String(),
		Refused:  refusal.Refused,
		Requests: refusal.Requests,
		First:    refusal.First.UTC(),
		Last:     refusal.Last.UTC(),
		Days:     refusal.Days,
	}
}
