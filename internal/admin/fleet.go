package admin

import "tollgate"

// Fleet is the configuration in force and the upstreams that it names.
type Fleet interface {
	// Reload reads the configuration again and puts it in force for requests
	// from then on, or says why not and changes nothing.
	Reload() (tollgate.Reload, error)
}

// noFleet answers for a service that no gateway stands behind.
type noFleet struct{}

func (noFleet) Reload() (tollgate.Reload, error) { return tollgate.Reload{}, errNoFleet }

var errNoFleet = tollgate.Errorf(tollgate.Conflict, "no gateway is running that could be asked")
