package app

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tollgate"
	"tollgate/internal/config"
	"tollgate/internal/meter"
	"tollgate/internal/proxy"
	"tollgate/internal/route"
	"tollgate/internal/upstream"
	"tollgate/internal/upstream/capability"
)

// newSnapshot builds what the data plane works with from a configuration.
func newSnapshot(c *config.Config, lessons *capability.Book, now func() time.Time, log *slog.Logger) (*proxy.Snapshot, error) {
	book, problems := meter.NewBook(c.Prices)
	if len(problems) > 0 {
		return nil, fmt.Errorf("prices: %w", joined(problems))
	}
	s := &proxy.Snapshot{
		Upstreams:     map[string]*upstream.Upstream{},
		Book:          book,
		Limits:        c.Limits,
		AdmitUnpriced: c.Prices.Unknown == meter.Highest,
		Help:          c.Organization.Help,

		TrustedProxies: c.Listen.TrustedProxies,
		Subscriptions:  c.Subscriptions,
	}
	var names []string
	for _, each := range c.Upstreams {
		built, err := upstream.New(each, lessons, now, log)
		if err != nil {
			return nil, err
		}
		s.Upstreams[each.Name] = built
		names = append(names, each.Name)
	}
	s.Router = route.New(c.Config, names, func(at, model string) string { return s.Upstreams[at].ModelName(model) }, catalog(book))
	return s, nil
}

// catalog is the price book's models as the router lists them.
func catalog(book *meter.Book) []tollgate.Model {
	var models []tollgate.Model
	for _, known := range book.Models() {
		models = append(models, tollgate.Model{ID: known.ID, DisplayName: known.DisplayName, CreatedAt: known.Created})
	}
	return models
}

func joined(problems []tollgate.Problem) error {
	var all []error
	for _, problem := range problems {
		all = append(all, errors.New(problem.String()))
	}
	return errors.Join(all...)
}
