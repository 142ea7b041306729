package api

import "time"

// Budget is how much may be spent on the requests of a scope in a period, and
// how much has been.
type Budget struct {
	ID            string   `json:"id"`
	Scope         string   `json:"scope"`           // org, team:NAME, developer:EMAIL, service:NAME or key:ID
	AmountNanoUSD int64    `json:"amount_nano_usd"` // for the scope, or for each member
	Period        string   `json:"period"`          // day, week, month or total
	TimeZone      string   `json:"time_zone"`       // IANA name: where periods begin
	Models        []string `json:"models"`          // globs; empty: all models
	Each          bool     `json:"each"`            // every member has the amount for itself
	Hard          bool     `json:"hard"`            // what has no room in it is refused
	Enforce       string   `json:"enforce"`         // expected or strict
	AlertAt       *[]int   `json:"alert_at"`        // per cent of the limit; null: as the configuration says; empty: never

	LimitNanoUSD   int64      `json:"limit_nano_usd"` // the amount with the raises in force that are for all
	SpentNanoUSD   int64      `json:"spent_nano_usd"` // of all members
	HeldNanoUSD    int64      `json:"held_nano_usd"`  // for requests under way
	ExposedNanoUSD int64      `json:"exposed_nano_usd"`
	StartsAt       *time.Time `json:"starts_at"` // of the period; null for the total
	ResetsAt       *time.Time `json:"resets_at"`

	Raises    []Raise   `json:"raises"` // oldest first, those that have ended included
	CreatedAt time.Time `json:"created_at"`

	// Fullest is the member that has the least left of its limit, in parts of
	// it; null when the amount is shared or nobody has spent anything.
	Fullest *BudgetMember `json:"fullest"`
	// Members are those who have spent or hold anything, the fullest first. They
	// are shown with one budget for each member, and not in lists.
	Members     []BudgetMember `json:"members,omitempty"`
	MoreMembers int64          `json:"more_members,omitempty"` // that are not among Members
}

// BudgetMember is where one member of a scope stands.
type BudgetMember struct {
	Member       string `json:"member"` // a scope
	LimitNanoUSD int64  `json:"limit_nano_usd"`
	SpentNanoUSD int64  `json:"spent_nano_usd"`
	HeldNanoUSD  int64  `json:"held_nano_usd"`
}

// Raise is a sum on top of a budget's amount, for a while.
type Raise struct {
	ID        string    `json:"id"`
	Member    *string   `json:"member"` // whom it is for, in a budget for each member; null: all
	ByNanoUSD int64     `json:"by_nano_usd"`
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"`
	Reason    string    `json:"reason"`
	CreatedBy string    `json:"created_by"` // the administrator's key, or the way in
	InForce   bool      `json:"in_force"`
}

// NewBudget asks for a budget. The one that is there for the same scope,
// period, models, each and hard takes the amount, enforce and alert_at.
type NewBudget struct {
	Scope         string   `json:"scope"`
	AmountNanoUSD int64    `json:"amount_nano_usd"` // 0 allows nothing
	Period        string   `json:"period"`
	Models        []string `json:"models,omitempty"`
	Each          bool     `json:"each,omitempty"`
	Hard          *bool    `json:"hard,omitempty"`     // default: true
	Enforce       string   `json:"enforce,omitempty"`  // default: expected
	AlertAt       *[]int   `json:"alert_at,omitempty"` // default: as the configuration says
}

// NewRaise asks for a raise.
type NewRaise struct {
	ByNanoUSD int64  `json:"by_nano_usd"`
	Until     string `json:"until"` // RFC 3339, a date, or a span such as "7d"
	Reason    string `json:"reason"`
	Member    string `json:"member,omitempty"`
}

// BudgetPreview asks what a budget would have done.
type BudgetPreview struct {
	NewBudget
	PreviewSpan
}
