// Package api holds the wire types of the admin API: what its requests and
// answers look like as JSON, and nothing else. The service that speaks them is
// internal/admin, the Go client is package client, and openapi.yaml beside
// these files describes the same for other languages; a test holds the types
// and the document together.
//
// Money is an integer of nano-dollars, times are RFC 3339 in UTC, tokens are
// integers, and what does not apply is null. Member names never change their
// meaning; new ones may be added.
package api
