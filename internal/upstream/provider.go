package upstream

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// providers is the list of who can be talked to. A new one is a file beside
// this one and a line here.
var providers = map[string]func(Config, func() time.Time, *slog.Logger) (*Upstream, error){
	"anthropic": newAnthropic,
}

// New makes an upstream from a configuration that is valid and complete.
func New(config Config, now func() time.Time, log *slog.Logger) (*Upstream, error) {
	build := providers[config.Provider]
	if build == nil {
		return nil, fmt.Errorf("upstream %s: there is no provider %q", config.Name, config.Provider)
	}
	u, err := build(config, now, log)
	if err != nil {
		return nil, fmt.Errorf("upstream %s: %w", config.Name, err)
	}
	u.Name, u.Provider, u.FirstByte = config.Name, config.Provider, config.FirstByte
	u.base.Path = strings.TrimSuffix(u.base.Path, "/")
	u.headers = http.Header{}
	for name, value := range config.Headers {
		u.headers.Set(name, value.Reveal())
	}
	return u, nil
}
