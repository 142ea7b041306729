package tollgate

import "time"

// UpstreamState is one configured upstream and what is known of it.
type UpstreamState struct {
	Name       string
	Provider   string
	Region     string // empty where there is none
	Address    string // where requests go, up to their own path
	Credential string // of which kind; never the credential
	Models     []UpstreamModel
	Rests      []UpstreamRest
	Rules      []UpstreamRule
}

// UpstreamModel is a model that is routed to an upstream.
type UpstreamModel struct {
	Model string // as the Messages API spells it
	Name  string // as the upstream is asked for it
}

// UpstreamRest is that nothing is sent to an upstream for a while, unless there
// is no other.
type UpstreamRest struct {
	Model string    // that it rests for; empty: for all
	Until time.Time // the earliest time of the next try
	Why   string
}

// UpstreamRule is what an upstream does with a part of requests that not every
// provider accepts.
type UpstreamRule struct {
	Feature  string
	Verdict  string
	Models   []string // empty: all
	Source   string
	Evidence string    // what the provider said, of a rule that was learned
	Learned  time.Time // zero: it was not
}

// UpstreamCheck is what came of one small request to an upstream.
type UpstreamCheck struct {
	Upstream  string
	Model     string // as the Messages API spells it; empty: none is routed there
	Name      string // as the upstream was asked for it
	Reachable bool   // it answered
	Accepted  bool   // the gateway's credential was
	Served    bool   // the model is
	Status    int    // of its answer; 0: there was none
	Latency   time.Duration
	Remedy    string // what to do; empty when all is well
	Said      string // the provider's own words, of an error
}

// OK says that requests to it can be expected to be served.
func (c UpstreamCheck) OK() bool { return c.Reachable && c.Accepted && c.Served }
