package api

import "time"

// Invitation is what a developer exchanges, once, for a key of his own.
type Invitation struct {
	ID          string     `json:"id"`
	Developer   string     `json:"developer"`
	Label       *string    `json:"label"`                // of the key
	Style       string     `json:"style"`                // of the key
	Models      []string   `json:"models"`               // of the key
	KeyLifetime *int64     `json:"key_lifetime_seconds"` // until it is renewed; null: it does not end
	CreatedAt   time.Time  `json:"created_at"`
	CreatedBy   string     `json:"created_by"`
	ExpiresAt   time.Time  `json:"expires_at"`
	UsedAt      *time.Time `json:"used_at"`
	Key         *string    `json:"key"` // the id of the key that it became

	// Code is what the developer is given. It is there once, in the answer to the
	// creation.
	Code string `json:"code,omitempty"`
}

// NewInvitation asks for an invitation.
type NewInvitation struct {
	Developer string   `json:"developer"`
	Label     string   `json:"label,omitempty"`
	Style     string   `json:"style,omitempty"`
	Models    []string `json:"models,omitempty"`
	Expires   string   `json:"expires,omitempty"` // how long the key lives until it is renewed, a span such as "30d"; default: it does not end
	Valid     string   `json:"valid,omitempty"`   // how long the invitation can be used, a span; default 7d
}
