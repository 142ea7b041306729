package tollgate

// Tokens counts tokens by the classes that have a price of their own.
// The classes are disjoint: their sum is everything the request consumed.
type Tokens struct {
	Input        int64 // uncached input
	CacheWrite5m int64 // written to the five-minute cache
	CacheWrite1h int64 // written to the one-hour cache
	CacheRead    int64
	Output       int64 // thinking included
}

// Prompt is the length of the prompt, cached or not: the figure that
// prompt-length price tiers look at.
func (t Tokens) Prompt() int64 {
	return t.Input + t.CacheWrite5m + t.CacheWrite1h + t.CacheRead
}

// Add returns the class-by-class sum.
func (t Tokens) Add(o Tokens) Tokens {
	return Tokens{
		Input:        t.Input + o.Input,
		CacheWrite5m: t.CacheWrite5m + o.CacheWrite5m,
		CacheWrite1h: t.CacheWrite1h + o.CacheWrite1h,
		CacheRead:    t.CacheRead + o.CacheRead,
		Output:       t.Output + o.Output,
	}
}

// Usage is what the provider says one request consumed. The zero Usage says
// that it consumed nothing.
type Usage struct {
	Tokens
	WebSearches int64

	// What selects a price, in the provider's own words; empty when it did
	// not say. Source: providers.md 1.7, 2026-11-23.
	Speed       string // "standard", "fast"
	Geo         string // "us", "global", "not_available", …
	ServiceTier string // "standard", "priority", "batch"

	// Iterations, when there are any, replace Tokens as the basis of the
	// price: each is billed at its own model's rates.
	Iterations []Iteration
}

// Iteration is one hop inside a request: the model's own turn, a compaction,
// an advisor's answer or a fallback.
type Iteration struct {
	Type  string // "message", "compaction", "advisor_message", "fallback_message"
	Model string // empty: the request's own model
	Tokens
}
