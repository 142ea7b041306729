package meter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tollgate"
)

// Config adjusts the list prices to what an organisation really pays. The zero
// Config is valid: list prices as they are, unknown models refused.
type Config struct {
	// Multiplier scales the price of every token, as for a negotiated
	// discount: 0.9 is ten per cent off. More than 0, at most 10.
	// Default: 1.0.
	Multiplier Decimal `yaml:"multiplier"`
	// Multipliers scale the price of every token at one upstream, by its name,
	// on top of multiplier: 1.1 for a Foundry deployment in the US data zone,
	// or for a Mantle address that is billed as regional. Inference profiles of
	// Bedrock and locations of Google need none: their own premium is known.
	// Each is more than 0 and at most 10. Default: 1.0.
	Multipliers map[string]Decimal `yaml:"multipliers"`
	// Unknown says what happens to a model without a known price: refuse, or
	// highest, which charges the dearest known price and marks the cost as
	// estimated. Default: refuse.
	Unknown Unknown `yaml:"unknown"`
	// Overrides are prices that go before the list. Of several that fit, one
	// that names an upstream goes before one that does not, and then the one
	// with the latest from.
	Overrides []Override `yaml:"overrides"`
}

// Unknown is what happens to a model without a known price.
type Unknown string

// The ways to treat a model without a known price.
const (
	Refuse  Unknown = "refuse"
	Highest Unknown = "highest"
)

// Override is the price of one model. All five rates are needed, in dollars
// per million tokens. They are what is paid wherever the model runs: the premium
// of clouds for a region is not added. The factors of a request (its speed, its
// batch, its geography at the Messages API) and the multipliers are.
type Override struct {
	// Upstream is the name of the upstream at which the price holds.
	// Default: all of them.
	Upstream string `yaml:"upstream" json:"upstream"`
	// Model is a model's id, an alias of it, or the name that an upstream has
	// for it.
	Model string `yaml:"model" json:"model"`
	// Input is the rate of input that no cache is involved in.
	Input Decimal `yaml:"input" json:"input"`
	// Output is the rate of output, thinking included.
	Output Decimal `yaml:"output" json:"output"`
	// CacheWrite5m is the rate of input written to the five-minute cache.
	CacheWrite5m Decimal `yaml:"cache_write_5m" json:"cache_write_5m"`
	// CacheWrite1h is the rate of input written to the one-hour cache.
	CacheWrite1h Decimal `yaml:"cache_write_1h" json:"cache_write_1h"`
	// CacheRead is the rate of input read from a cache.
	CacheRead Decimal `yaml:"cache_read" json:"cache_read"`
	// From is the first day of the price; days begin at midnight UTC.
	// Default: since ever.
	From Date `yaml:"from" json:"from"`
	// Until is the first day on which the price no longer holds.
	// Default: for ever.
	Until Date `yaml:"until" json:"until"`
	// PromptOver limits the price to prompts longer than this many tokens,
	// cached ones included. Default: no lower bound.
	PromptOver int64 `yaml:"prompt_over" json:"prompt_over"`
	// PromptUpTo limits the price to prompts of at most this many tokens.
	// Default: no upper bound.
	PromptUpTo int64 `yaml:"prompt_up_to" json:"prompt_up_to"`
}

// maxMultiplier keeps a percentage from being taken for a factor.
const maxMultiplier = 10 * unit

// Validate returns every mistake at once. Paths are relative to this Config.
func (c Config) Validate() []tollgate.Problem {
	var found problems
	found.factor("multiplier", c.Multiplier)
	for _, upstream := range slices.Sorted(maps.Keys(c.Multipliers)) {
		found.factor("multipliers."+upstream, c.Multipliers[upstream])
	}
	if c.Unknown != "" && c.Unknown != Refuse && c.Unknown != Highest {
		found.add("unknown", fmt.Sprintf("%q is not known", string(c.Unknown)), "write refuse or highest")
	}
	seen := map[Override]int{}
	for i, override := range c.Overrides {
		path := fmt.Sprintf("overrides[%d]", i)
		if strings.TrimSpace(override.Model) == "" {
			found.add(path+".model", "is missing", "name the model that the price is for")
		}
		override.price(path, &found)
		if first, twice := seen[override.scope()]; twice {
			found.add(path, fmt.Sprintf("is for the same upstream, model, days and prompts as overrides[%d]", first), "remove one of the two")
			continue
		}
		seen[override.scope()] = i
	}
	return found
}

// factor reads a multiplier, in billionths; one that is not given is 1.
func factor(written Decimal) (int64, error) {
	if written == "" {
		return unit, nil
	}
	n, err := written.nano()
	if err == nil && (n <= 0 || n > maxMultiplier) {
		err = fmt.Errorf("%s is not above 0 and at most 10", string(written))
	}
	return n, err
}

// scope is the override without its rates: what it is a price for.
func (o Override) scope() Override {
	o.Input, o.Output, o.CacheWrite5m, o.CacheWrite1h, o.CacheRead = "", "", "", "", ""
	o.Model = tollgate.ParseModel(o.Model).String()
	return o
}

// price reads the override and adds what is wrong with it to found.
func (o Override) price(path string, found *problems) tollgate.Price {
	price := tollgate.Price{Rates: o.rates(path, found), PromptOver: o.PromptOver, PromptUpTo: o.PromptUpTo}
	price.From = found.midnight(path+".from", o.From)
	price.Until = found.midnight(path+".until", o.Until)
	if !price.Until.IsZero() && !price.From.Before(price.Until) {
		found.add(path+".until", "the price would end before it begins", "write a day after from")
	}
	if o.PromptOver < 0 || o.PromptUpTo < 0 {
		found.add(path, "a prompt's length cannot be negative", "write prompt_over and prompt_up_to as numbers of tokens")
	} else if o.PromptUpTo > 0 && o.PromptOver >= o.PromptUpTo {
		found.add(path+".prompt_up_to", "no prompt is longer than prompt_over and yet within prompt_up_to", "make prompt_up_to the larger of the two")
	}
	return price
}

// rates reads the five rates and adds those that are missing or wrong.
func (o Override) rates(path string, found *problems) (rates tollgate.Rates) {
	var missing []string
	for _, rate := range []struct {
		name    string
		written Decimal
		into    *tollgate.Money
	}{
		{"input", o.Input, &rates.Input},
		{"output", o.Output, &rates.Output},
		{"cache_write_5m", o.CacheWrite5m, &rates.CacheWrite5m},
		{"cache_write_1h", o.CacheWrite1h, &rates.CacheWrite1h},
		{"cache_read", o.CacheRead, &rates.CacheRead},
	} {
		if rate.written == "" {
			missing = append(missing, rate.name)
			continue
		}
		n, err := rate.written.nano()
		if err == nil && n < 0 {
			err = fmt.Errorf("%s is negative", string(rate.written))
		}
		if err != nil {
			found.add(path+"."+rate.name, err.Error(), "write dollars per million tokens, such as 4.40")
		}
		*rate.into = tollgate.Money(n)
	}
	if len(missing) > 0 {
		found.add(path, "has no "+strings.Join(missing, ", "),
			"give all five rates in dollars per million tokens; the usual cache rates are 1.25, 2 and 0.1 times the input rate for cache_write_5m, cache_write_1h and cache_read")
	}
	return rates
}
