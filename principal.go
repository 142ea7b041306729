package tollgate

import "time"

// Team groups developers and service accounts for reports and limits.
type Team struct {
	Name string
}

// Developer is a person who uses the gateway.
type Developer struct {
	Email string
	Name  string // empty when not given
	Team  string // empty when in none
}

// Service is an account for a machine: a pipeline, a bot. It comes into being
// with its first key.
type Service struct {
	Name string
	Team string
}

// Principal is who a request is made by, once its key has been checked.
// Exactly one of Developer and Service is set.
type Principal struct {
	Key       string // the public id of the key that was presented
	Developer string // email
	Service   string
	Team      string
	Models    []string // globs this key may use; empty means every routed model

	// Credential is whose credential the request is sent with: Subscription, or
	// empty for the gateway's own.
	Credential string

	// Style is the form in which the key was presented. It is no part of who
	// somebody is, and of no record.
	Style KeyStyle
	// Expires is when the key ends, zero for never. It is in no record either.
	Expires time.Time
}

// Subscription is the Credential of a request that a developer's own subscription
// pays for: no budget does. It is also the service under which those are counted
// that come without a gateway key.
const Subscription = "subscription"

// Name is the developer's email or the service's name.
func (p Principal) Name() string {
	if p.Developer != "" {
		return p.Developer
	}
	return p.Service
}

// Key is a gateway key as the register keeps it: never the secret itself,
// only keyed hashes of it. Zero times mean "never".
type Key struct {
	ID        string
	Developer string // exactly one of Developer and Service is set
	Service   string
	Team      string // the owner's team when the key was made, or the one named then
	Label     string
	Style     KeyStyle // in which the key is shown when it is issued
	Models    []string
	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time
	// Lifetime is by how much its holder may renew it, from then on; 0: not at all.
	Lifetime time.Duration

	// LastUsedAt is written behind the traffic, at most a few seconds late.
	LastUsedAt time.Time

	// Secrets are the hashes of the key strings that open this key: one, or
	// two while a rotation's grace time runs.
	Secrets []KeySecret
}

// KeySecret is one keyed hash under a Key.
type KeySecret struct {
	Hash      []byte    // HMAC-SHA256 of the whole key string
	ExpiresAt time.Time // zero: as long as the key lives
}

// Principal is what a request that presents this key is made by.
func (k Key) Principal() Principal {
	return Principal{Key: k.ID, Developer: k.Developer, Service: k.Service, Team: k.Team, Models: k.Models, Expires: k.ExpiresAt}
}
