package tollgate

import "time"

// Rates are prices per million tokens, in nano-dollars: $4 per million input
// tokens is 4,000,000,000.
type Rates struct {
	Input        Money
	CacheWrite5m Money
	CacheWrite1h Money
	CacheRead    Money
	Output       Money
}

// Price is what a model costs during a span of time and, where the provider
// charges by the prompt's length, within a span of lengths.
type Price struct {
	Rates
	From       time.Time // inclusive; zero: since ever
	Until      time.Time // exclusive; zero: for ever
	PromptOver int64     // applies to prompts longer than this many tokens
	PromptUpTo int64     // and no longer than this; 0: no bound
}

// Covers says whether the price holds at this moment for a prompt this long.
func (p Price) Covers(at time.Time, prompt int64) bool {
	return !at.Before(p.From) && (p.Until.IsZero() || at.Before(p.Until)) &&
		(p.PromptOver == 0 || prompt > p.PromptOver) &&
		(p.PromptUpTo == 0 || prompt <= p.PromptUpTo)
}
