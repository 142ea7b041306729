package app

import (
	"time"

	"tollgate"
	"tollgate/internal/config"
	"tollgate/internal/meter"
	"tollgate/internal/route"
)

// Served says what a gateway of this configuration serves to a key that is
// allowed everything: the models that it lists, and whether it serves one by
// its name. Nothing is asked and nothing is started.
func Served(c *config.Config, now time.Time) (models []tollgate.Model, serves func(string) bool, err error) {
	book, problems := meter.NewBook(c.Prices)
	if len(problems) > 0 {
		return nil, nil, joined(problems)
	}
	var names []string
	for _, each := range c.Upstreams {
		names = append(names, each.Name)
	}
	router := route.New(c.Config, names, nil, catalog(book))
	serves = func(model string) bool {
		targets, err := router.Route(model)
		if err != nil || c.Prices.Unknown == meter.Highest {
			return err == nil
		}
		for _, to := range targets {
			if !book.Knows(to.Upstream, model, now) {
				return false
			}
		}
		return true
	}
	for _, each := range router.Models(nil) {
		if serves(each.ID) {
			models = append(models, each)
		}
	}
	return models, serves, nil
}
