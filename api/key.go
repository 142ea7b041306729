package api

import "time"

// Key is a gateway key as the register knows it. Exactly one of Developer and
// Service is set.
type Key struct {
	ID         string     `json:"id"`
	Developer  *string    `json:"developer"`
	Service    *string    `json:"service"`
	Team       *string    `json:"team"`
	Label      *string    `json:"label"`
	Style      string     `json:"style"`  // in which it is issued: "opaque" or "jwt"; it is accepted in both
	Models     []string   `json:"models"` // globs; empty: every routed model
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	RevokedAt  *time.Time `json:"revoked_at"`

	// OldSecretExpiresAt is when the secret from before a rotation stops
	// opening; null when there is none.
	OldSecretExpiresAt *time.Time `json:"old_secret_expires_at"`

	// Key is the whole key. It is there once, in the answers to creation and
	// rotation, and cannot be had again.
	Key string `json:"key,omitempty"`
}

// NewKey asks for a key for a developer or for a service account.
type NewKey struct {
	Developer string   `json:"developer,omitempty"`
	Service   string   `json:"service,omitempty"` // made with its first key
	Team      string   `json:"team,omitempty"`    // default: the owner's team
	Label     string   `json:"label,omitempty"`
	Style     string   `json:"style,omitempty"`      // "opaque" or "jwt"; default: opaque
	ExpiresAt string   `json:"expires_at,omitempty"` // RFC 3339, a date, or a span such as "90d"; default: never
	Models    []string `json:"models,omitempty"`
}

// KeyRotation asks for a fresh secret under the same id.
type KeyRotation struct {
	Grace string `json:"grace,omitempty"` // how long the old secret still opens, such as "24h" or "0s"; default 24h
}
