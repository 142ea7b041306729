// Package admin is where the register is changed and the ledger is asked: the
// service behind the REST API, the command line and every page to come, and
// the REST face itself.
//
// Every method of Service takes the Caller and authorises in its first line,
// so that no surface can forget to, and notes what it changed. Whoever changes a key, a budget or a
// limit puts it before the data plane before answering. The package never shows
// a key again after the answer that made it, and it keeps nothing but
// revocations that the register could not take yet: state lives in the
// register, in the ledger and in the data plane.
package admin

import (
	"log/slog"
	"sync"
	"time"
)

// Service does what administrators ask for. It may be used by many goroutines.
type Service struct {
	register Register
	ledger   Ledger
	keyring  Keyring
	rules    Rules
	fleet    Fleet
	bodies   Bodies // nil: there are none
	budgets  ruleset
	limits   ruleset
	zone     *time.Location
	evidence Evidence
	now      func() time.Time
	log      *slog.Logger

	// keys is held from a change in the register until the keyring has it:
	// otherwise the older of two changes could reach the keyring last.
	// Whoever holds it owns the rest.
	keys     sync.Mutex
	unstored map[string]revocation // by the key's id
	retry    *time.Timer           // runs while there are any
	closed   bool
}

// NewService makes the service. Dates without a time begin in zone, the
// organisation's. Every change leaves a line in log.
func NewService(register Register, ledger Ledger, keyring Keyring, rules Rules, zone *time.Location, now func() time.Time, log *slog.Logger) *Service {
	return &Service{
		register: register, ledger: ledger, keyring: keyring, rules: rules, fleet: noFleet{}, zone: zone, now: now, log: log, unstored: map[string]revocation{},
		budgets: ruleset{name: "budgets", read: rules.BudgetsChanged, log: log},
		limits:  ruleset{name: "limits", read: rules.LimitsChanged, log: log},
	}
}

// WithFleet says who answers for the configuration and the upstreams, before the
// first question; without, they cannot be asked about.
func (s *Service) WithFleet(fleet Fleet) *Service {
	s.fleet = fleet
	return s
}
