package messages

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"tollgate"
)

// Claude Code reads where its user's budget stands from the headers of this
// family. It shows them only to who has a key in the form of a JWT; any client
// may read them (client-behaviour.md 2, 2026-11-23).
const (
	unifiedStatus    = "Anthropic-Ratelimit-Unified-Status"
	unifiedReset     = "Anthropic-Ratelimit-Unified-Reset"
	unifiedClaim     = "Anthropic-Ratelimit-Unified-Representative-Claim"
	overageStatus    = "Anthropic-Ratelimit-Unified-Overage-Status"
	overageReset     = "Anthropic-Ratelimit-Unified-Overage-Reset"
	overagePart      = "Anthropic-Ratelimit-Unified-Overage-Utilization"
	overageThreshold = "Anthropic-Ratelimit-Unified-Overage-Surpassed-Threshold"
	overagePeriod    = "Anthropic-Ratelimit-Unified-Overage-Period"
	overageReason    = "Anthropic-Ratelimit-Unified-Overage-Disabled-Reason"
)

// The parts of a budget from which the client warns its user.
const (
	mostlySpent = 0.75
	almostSpent = 0.95
)

// passed is the last of them that has been reached, if one has.
func passed(part float64) (threshold float64, any bool) {
	switch {
	case part >= almostSpent:
		return almostSpent, true
	case part >= mostlySpent:
		return mostlySpent, true
	}
	return 0, false
}

// Utilisation puts into the headers of a 200 where a budget stands, before the
// answer is paid from it.
func Utilisation(header http.Header, state tollgate.BudgetState) {
	part := wholePercent(state.Utilisation())
	status := "allowed"
	if threshold, warns := passed(part); warns {
		status = "allowed_warning"
		header.Set(overageThreshold, decimal(threshold))
	}
	header.Set(unifiedStatus, status)
	header.Set(overageStatus, status)
	header.Set(unifiedClaim, "overage")
	header.Set(overagePart, decimal(part))
	tellReset(header, state.Reset)
}

// tellSpent puts into the headers of a refusal that a budget has no room. It
// names no claim and no status of the overage: with one of them the client
// prints a sentence of its own in place of the gateway's.
func tellSpent(header http.Header, state tollgate.BudgetState) {
	header.Set(unifiedStatus, "rejected")
	header.Set(overagePart, "1")
	header.Set(overageThreshold, "1")
	header.Set(overageReason, "org_spend_cap_reached")
	if state.Budget.Period != tollgate.PeriodTotal {
		header.Set(overagePeriod, state.Budget.Period.Adjective())
	}
	tellReset(header, state.Reset)
}

// tellReset names the moment at which a budget begins anew, if it does.
func tellReset(header http.Header, reset time.Time) {
	if reset.IsZero() {
		return
	}
	seconds := strconv.FormatInt(reset.Unix(), 10)
	header.Set(unifiedReset, seconds)
	header.Set(overageReset, seconds)
}

// wholePercent cuts a part to hundredths: rounding would pass a threshold that
// spending has not passed. The small sum makes up for what a hundredth loses
// in binary.
func wholePercent(part float64) float64 { return math.Floor(part*100+1e-9) / 100 }

func decimal(part float64) string { return strconv.FormatFloat(part, 'f', -1, 64) }
