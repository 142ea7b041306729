package upstream

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// provider is one kind of upstream.
type provider struct {
	baseURL string // the public address, used where none is configured
	build   func(Config, *url.URL, func() time.Time, *slog.Logger) *Upstream
}

// providers is the list of who can be talked to. A new one is a file beside
// this one and a line here.
var providers = map[string]provider{
	"anthropic": {"https://api.anthropic.com", newAnthropic}, // providers.md 1, 2026-11-23
}

// New makes an upstream from a configuration that is valid and complete.
func New(config Config, now func() time.Time, log *slog.Logger) (*Upstream, error) {
	known, ok := providers[config.Provider]
	if !ok {
		return nil, fmt.Errorf("upstream %s: there is no provider %q", config.Name, config.Provider)
	}
	base, err := url.Parse(strings.TrimSuffix(config.BaseURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("upstream %s: %w", config.Name, err)
	}
	u := known.build(config, base, now, log.With("upstream", config.Name))
	u.Name, u.Provider, u.FirstByte = config.Name, config.Provider, config.FirstByte
	u.headers = http.Header{}
	for name, value := range config.Headers {
		u.headers.Set(name, value.Reveal())
	}
	return u, nil
}
