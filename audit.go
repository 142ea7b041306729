package tollgate

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"
)

// AuditHead is how far a chain of the audit log has come: how many records it
// has, and the hash of the last one. The zero hash stands before the first.
type AuditHead struct {
	Chain  string // "chn_…", sorts by the time it was begun
	Length int64
	Hash   AuditHash
}

// AuditHash is the SHA-256 of a record's line.
type AuditHash [sha256.Size]byte

// After is the head once line has been added to the chain.
func (h AuditHead) After(line []byte) AuditHead {
	return AuditHead{Chain: h.Chain, Length: h.Length + 1, Hash: sha256.Sum256(line)}
}

// AuditRecord is one record of the audit log as it is stored. Line is what was
// hashed, letter by letter; everything else about it is in there too.
type AuditRecord struct {
	Chain  string
	Number int64 // in the chain, from 1
	Time   time.Time
	Action AuditAction
	Line   []byte
}

// AuditAction is what a record is about: "request", or what was done, as in
// "key.create".
type AuditAction string

// AuditedRequest is the action of the record of a request. Those of all other
// records are in the audit package and in the admin service.
const AuditedRequest AuditAction = "request"

// AuditEvent is what is recorded beside requests. Before, After and About are
// JSON objects or empty, hold no secret, and name people by their ids alone.
type AuditEvent struct {
	ID      string // "evt_…"; an event that is recorded again under its id is recorded once
	Time    time.Time
	Action  AuditAction
	Actor   string // "admin:NAME" for an administrator, "gateway" for the gateway itself
	Object  string // the id or the name of what it is about
	Outcome string // "done", "refused" or "failed"
	Before  json.RawMessage
	After   json.RawMessage
	About   json.RawMessage
}

// AuditState is all of the audit log but its records, at one moment.
type AuditState struct {
	Heads       []AuditHead // how far each chain is said to have come, in the order in which they were begun
	Leaves      []string    // of the tree, in order
	Checkpoints []string    // signed, oldest first
	Retired     []AuditHead // how far chains are given up, of those that are
	Retirements []string    // signed notes that say so, oldest first
}

// AuditedRow is a row of the ledger, and which record it says it has.
type AuditedRow struct {
	Request *Exchange
	Person  string // the pseudonym of its developer
	Chain   string // empty: it has no record
	Number  int64
}

// AuditEntry is a record and what it is found by.
type AuditEntry struct {
	AuditRecord
	ID      string // "req_…" or "evt_…"; both sort by time after their prefix
	Outcome string
	Actor   string // as in an event; "developer:EMAIL" or "service:NAME" of a request
	Object  string // as in an event, with addresses in the place of pseudonyms; the model of a request
}

// AuditQuery chooses records, newest first.
type AuditQuery struct {
	Since  time.Time           // inclusive; zero: since ever
	Until  time.Time           // exclusive; zero: for ever
	Where  map[string][]string // attribute → any of these values: those of requests and AuditAttributes
	Limit  int                 // records on a page
	Cursor string              // from the page before; empty: the first page
}

// AuditAttributes are what records can be chosen by, beside the attributes of
// requests. An action may end in *, and outcomes are those of requests and events.
func AuditAttributes() []string { return []string{"action", "actor", "object", "outcome", "person"} }

// AuditCommitment is what commits to a record: the first leaf of the tree that
// says how far its chain had come since, and the first checkpoint of that tree.
// It is empty while there is none.
type AuditCommitment struct {
	Leaf       string
	Position   int64 // of the leaf, from 0
	Checkpoint string
}

// NewChainID makes the id of a chain, which sorts by time.
func NewChainID(at time.Time) string { return "chn_" + strings.TrimPrefix(NewRequestID(at), "req_") }

// NewEventID makes the id of an event, which sorts by time.
func NewEventID(at time.Time) string { return "evt_" + strings.TrimPrefix(NewRequestID(at), "req_") }

// NewPersonID makes the pseudonym of a person: it says nothing about anybody.
func NewPersonID() string {
	var raw [10]byte
	rand.Read(raw[:]) // never fails since Go 1.24
	return personPrefix + base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").EncodeToString(raw[:])
}

const personPrefix = "psn_"

// IsPersonID says whether a text is a pseudonym. No email address is.
func IsPersonID(text string) bool {
	return strings.HasPrefix(text, personPrefix) && !strings.Contains(text, "@")
}

// WithActor notes who asks for what is done with the context.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// ActorOf is who asks; the gateway itself when nobody was noted.
func ActorOf(ctx context.Context) string {
	if actor, ok := ctx.Value(actorKey{}).(string); ok {
		return actor
	}
	return "gateway"
}

type actorKey struct{}
