package upstream

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tollgate/internal/dialect"
	"tollgate/internal/secret"
	"tollgate/internal/upstream/capability"
	"tollgate/internal/upstream/naming"
)

// provider is one kind of upstream.
type provider struct {
	dialect dialect.Dialect
	// address is where it is, unless a base_url says otherwise. It may rely on
	// the needed members.
	address func(Config) string
	// behind is what stands between a base_url and the dialect's paths, escaped;
	// nil: nothing.
	behind func(Config) string
	// headers are those that every request has to have; nil: none.
	headers func(Config) map[string]string
	// needs are the members that say where it is. Those it does not name may
	// not be given.
	needs []string
	// takes are the credentials it knows, by their keys.
	takes []string
	// standard signs where no credential is given; nil: one has to be.
	standard func(signing) Signer
	// apiKey puts on an api_key.
	apiKey func(secret.String) Signer
	// service is how signatures for AWS name it; "": it knows none.
	service string
}

// providers is the list of who can be talked to. A new one is a file beside
// this one and a line here.
var providers = map[string]provider{
	"anthropic":      anthropicProvider(),
	"anthropic-aws":  anthropicAWSProvider(),
	"bedrock":        bedrockProvider(),
	"bedrock-mantle": mantleProvider(),
	"foundry":        foundryProvider(),
	"vertex":         vertexProvider(),
}

// New makes an upstream from a configuration that is valid and complete.
// Nothing is connected to before the first request. lessons outlive it: what the
// upstream of this name has been found not to accept.
func New(config Config, lessons *capability.Book, now func() time.Time, log *slog.Logger) (*Upstream, error) {
	known, ok := providers[config.Provider]
	if !ok {
		return nil, fmt.Errorf("upstream %s: there is no provider %q", config.Name, config.Provider)
	}
	base, err := known.base(config)
	if err != nil {
		return nil, fmt.Errorf("upstream %s: %w", config.Name, err)
	}
	u := &Upstream{
		Name: config.Name, Provider: config.Provider, FirstByte: config.FirstByte,
		base: base, dialect: known.dialect, headers: known.fixedHeaders(config), transport: newTransport(), own: namesOf(config),
	}
	u.names, u.regional = naming.For(config.Provider, config.Region, config.InferenceProfile), naming.Regional(config.Provider, config.Region)
	if config.Provider != "anthropic" { // where every beta and field is at home
		u.accepts = capability.New(config.Provider, config.Accepts, lessons.Of(config.Name, config.Provider))
	}
	u.signer = signing{config, known, u, now, log.With("upstream", config.Name)}.signer()
	return u, nil
}

// base is what the dialect's paths are put behind.
func (p provider) base(config Config) (*url.URL, error) {
	address := strings.TrimSuffix(config.BaseURL, "/")
	if p.behind != nil {
		address += p.behind(config)
	}
	return url.Parse(address)
}

func (p provider) fixedHeaders(config Config) http.Header {
	fixed := http.Header{}
	if p.headers != nil {
		for name, value := range p.headers(config) {
			fixed.Set(name, value)
		}
	}
	for name, value := range config.Headers {
		fixed.Set(name, value.Reveal())
	}
	return fixed
}
