package admin

import (
	"context"

	"tollgate"
)

// Fleet is the configuration in force and the upstreams that it names.
type Fleet interface {
	// Reload reads the configuration again and puts it in force for requests
	// from then on, or says why not and changes nothing.
	Reload() (tollgate.Reload, error)
	// Upstreams are all that are configured, in order.
	Upstreams() []tollgate.UpstreamState
	// AuditSinks are those who are handed the audit log, in order.
	AuditSinks() []tollgate.AuditSink
	// CheckUpstream sends one of them a small request, which the provider bills.
	// The error is that nothing was sent; what the provider does not do is no
	// error.
	CheckUpstream(ctx context.Context, name string) (tollgate.UpstreamCheck, error)
}

// noFleet answers for a service that no gateway stands behind.
type noFleet struct{}

func (noFleet) Reload() (tollgate.Reload, error) { return tollgate.Reload{}, errNoFleet }

func (noFleet) Upstreams() []tollgate.UpstreamState { return nil }

func (noFleet) AuditSinks() []tollgate.AuditSink { return nil }

func (noFleet) CheckUpstream(context.Context, string) (tollgate.UpstreamCheck, error) {
	return tollgate.UpstreamCheck{}, errNoFleet
}

var errNoFleet = tollgate.Errorf(tollgate.Conflict, "no gateway is running that could be asked")
