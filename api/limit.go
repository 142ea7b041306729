package api

import "time"

// Limit is how fast the requests of a scope may come. What is null is not
// limited.
type Limit struct {
	ID     string   `json:"id"`
	Scope  string   `json:"scope"`  // org, team:NAME, developer:EMAIL, service:NAME or key:ID
	Models []string `json:"models"` // globs; empty: all models
	Each   bool     `json:"each"`   // every member has the figures for itself

	RequestsPerMinute     *int64 `json:"requests_per_minute"`     // without those to count_tokens
	InputTokensPerMinute  *int64 `json:"input_tokens_per_minute"` // without what is read from a cache
	OutputTokensPerMinute *int64 `json:"output_tokens_per_minute"`
	Concurrent            *int64 `json:"concurrent"`              // requests under way, without those to count_tokens
	CountTokensPerMinute  *int64 `json:"count_tokens_per_minute"` // requests to count_tokens

	CreatedAt time.Time `json:"created_at"`
}

// NewLimit asks for a limit. The one that is there for the same scope, models
// and each takes the figures, all of them. Each is at least 1; what is left out
// is not limited.
type NewLimit struct {
	Scope  string   `json:"scope"`
	Models []string `json:"models,omitempty"`
	Each   bool     `json:"each,omitempty"`

	RequestsPerMinute     *int64 `json:"requests_per_minute,omitempty"`
	InputTokensPerMinute  *int64 `json:"input_tokens_per_minute,omitempty"`
	OutputTokensPerMinute *int64 `json:"output_tokens_per_minute,omitempty"`
	Concurrent            *int64 `json:"concurrent,omitempty"`
	CountTokensPerMinute  *int64 `json:"count_tokens_per_minute,omitempty"`
}

// LimitPreview asks what a limit would have done.
type LimitPreview struct {
	NewLimit
	PreviewSpan
}
