package route

// Config says which models are served by which upstreams. Its validity is
// checked against the names of the upstreams.
type Config struct {
	// Routes are tried in order; the first one with a glob that matches the
	// model decides. Default: every claude-* goes to all upstreams in the
	// order in which they are listed.
	Routes []Route `yaml:"routes"`
	// Models are descriptions of single models: only where an upstream has another name
	// for one, or to describe it in the client's picker.
	Models []Model `yaml:"models"`
}

// Route sends models to upstreams.
type Route struct {
	// Models are globs such as claude-opus-*: a star stands for any run of
	// characters, everything else for itself.
	Models []string `yaml:"models"`
	// Upstreams are names of upstreams, in order of preference.
	Upstreams []string `yaml:"upstreams"`
	// Weights, from 1 to 1000, make one pool of the upstreams that have one, such as
	// several accounts: sessions are spread over it by weight, and each stays
	// where it is. The pool stands where the first of them does.
	Weights map[string]int64 `yaml:"weights"`
}

// Model describes one model.
type Model struct {
	// ID is the name that clients ask for.
	ID string `yaml:"id"`
	// DisplayName is what people see in the client's picker. Default: the
	// provider's own name for it, or else the id.
	DisplayName string `yaml:"display_name"`
	// Description is a sentence for people beside it.
	Description string `yaml:"description"`
	// UpstreamIDs are its names at the upstreams that have another one, by
	// upstream. Default: the id.
	UpstreamIDs map[string]string `yaml:"upstream_ids"`
}
