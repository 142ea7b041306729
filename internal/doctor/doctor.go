// Package doctor finds out why Claude Code does not work through a gateway: it
// does from a developer's machine what the client does, one thing after the other,
// and says of each whether it went well, and if not, what to do.
//
// It spends nothing unless it is told to. Of a gateway that is not tollgate it asks
// what the Messages API offers, and leaves the rest out.
package doctor

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Result is what came of a check.
type Result string

// The results.
const (
	OK      Result = "ok"
	Warning Result = "warning" // it works, and something will be missed
	Failed  Result = "failed"
	Skipped Result = "skipped"
)

// Finding is what one check has found. Says is a sentence; Remedy another, on what to
// do, empty when there is nothing to be done.
type Finding struct {
	Name   string `json:"name"`
	Result Result `json:"result"`
	Says   string `json:"says"`
	Remedy string `json:"remedy"`
}

// Config is what is examined, and from where.
type Config struct {
	URL    *url.URL
	Key    string   // of the developer
	Models []string // to be asked for one word each; none: those that the gateway lists
	Spend  bool     // ask the models, for money
	// Silence is how long nothing comes in the longest pause of a stream: somewhat
	// more than the time after which a gateway sends a ping.
	Silence time.Duration
	Now     func() time.Time
	// Environment, Home, Project and Managed are where the client's settings are.
	Environment func(string) string
	Home        string
	Project     string
	Managed     []string
}

// patience is how long one answer may take; catalogPatience is that of the client
// for the list of models (contract 6.1).
const (
	patience        = 30 * time.Second
	catalogPatience = 3 * time.Second
)

// visit is an examination under way, with what it has learned.
type visit struct {
	Config
	client   *http.Client
	settings []settingsFile
	down     string   // why nothing more can be asked; empty: it can
	shut     bool     // the key is not accepted
	tollgate bool     // it is one
	models   []string // that it lists
	offered  bool     // it has listed them
	found    []Finding
}

// check is one of them. It reports, once or more.
type check struct {
	name string
	run  func(v *visit, ctx context.Context)
	// needs is how far the checks before must have come.
	needs need
}

type need uint8

const (
	nothing  need = iota
	network       // the gateway answers
	key           // and takes the key
	tollgate      // and is a tollgate
)

// checks are all, in their order. The operator's guide says what each is about.
var checks = []check{
	{"settings", checkSettings, nothing},
	{"credentials", checkCredentials, nothing},
	{"proxy", checkProxy, nothing},
	{"connection", checkConnection, nothing},
	{"tls", checkTLS, network},
	{"redirect", checkRedirect, network},
	{"gateway", checkGateway, network},
	{"protocol", checkProtocol, network},
	{"clock", checkClock, network},
	{"key", checkKey, network},
	{"key_headers", checkKeyHeaders, tollgate},
	{"catalog", checkCatalog, key},
	{"models", checkModels, key},
	{"small_model", checkSmallModel, key},
	{"betas", checkBetas, tollgate},
	{"body", checkBody, key},
	{"compression", checkCompression, tollgate},
	{"stream", checkStream, key},
	{"silence", checkSilence, tollgate},
	{"errors", checkErrors, key},
}

// Run makes every check that can be made.
func Run(ctx context.Context, c Config) []Finding {
	v := &visit{Config: c}
	v.settings = v.readSettings()
	v.client = v.newClient()
	for _, each := range checks {
		if why := v.lacks(each.needs); why != "" {
			v.report(each.name, Skipped, why, "")
			continue
		}
		each.run(v, ctx)
	}
	return v.found
}

func (v *visit) lacks(n need) string {
	switch {
	case n >= network && v.down != "":
		return "not tried: " + v.down
	case n >= key && v.shut:
		return "not tried: the key is not accepted"
	case n >= tollgate && !v.tollgate:
		return "not tried: only a tollgate can be asked for this"
	}
	return ""
}

func (v *visit) report(name string, result Result, says, remedy string) {
	v.found = append(v.found, Finding{name, result, says, remedy})
}

// Healthy says whether nothing failed.
func Healthy(found []Finding) bool {
	for _, each := range found {
		if each.Result == Failed {
			return false
		}
	}
	return true
}
