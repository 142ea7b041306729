package api

import "time"

// Upstream is one configured place that serves models.
type Upstream struct {
	Name       string          `json:"name"`
	Provider   string          `json:"provider"`
	Region     *string         `json:"region"` // null where there is none
	Address    string          `json:"address"`
	Credential string          `json:"credential"` // its kind
	Models     []UpstreamModel `json:"models"`
	Rests      []UpstreamRest  `json:"rests"`
	Rules      []UpstreamRule  `json:"rules"`
}

// UpstreamModel is a model that is routed to an upstream.
type UpstreamModel struct {
	Model string `json:"model"`
	Name  string `json:"name"` // as the upstream is asked for it
}

// UpstreamRest is that nothing is sent there for a while.
type UpstreamRest struct {
	Model *string   `json:"model"` // null: every model
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
}

// UpstreamRule is what becomes of a part of requests that not every provider
// accepts.
type UpstreamRule struct {
	Feature  string     `json:"feature"`
	Verdict  string     `json:"verdict"`
	Models   []string   `json:"models"` // empty: all
	Source   string     `json:"source"`
	Evidence *string    `json:"evidence"` // of a rule that was learned
	Learned  *time.Time `json:"learned"`
}

// UpstreamCheck is what came of one small request.
type UpstreamCheck struct {
	Upstream  string  `json:"upstream"`
	OK        bool    `json:"ok"`
	Model     *string `json:"model"` // null: none is routed there
	Name      *string `json:"name"`  // as the upstream was asked for it
	Reachable bool    `json:"reachable"`
	Accepted  bool    `json:"credential_accepted"`
	Served    bool    `json:"model_served"`
	Status    *int    `json:"status"` // null: there was no answer
	LatencyMS int64   `json:"latency_ms"`
	Remedy    *string `json:"remedy"` // null: all is well
	Said      *string `json:"provider_said"`
}
