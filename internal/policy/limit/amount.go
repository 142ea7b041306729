package limit

import "tollgate"

// figure is one of the figures of a limit that are per minute. Each has a
// bucket.
type figure int

const (
	requests figure = iota
	inputTokens
	outputTokens
	countTokens
	figures
)

// String is what the figure counts, as it stands in a sentence.
func (f figure) String() string {
	return [figures]string{"requests", "input tokens", "output tokens", "count_tokens requests"}[f]
}

// amounts has one number for each figure.
type amounts [figures]int64

// perMinute are the figures of a limit; 0 limits nothing.
func perMinute(l *tollgate.Limit) amounts {
	return amounts{
		requests:     l.RequestsPerMinute,
		inputTokens:  l.InputTokensPerMinute,
		outputTokens: l.OutputTokensPerMinute,
		countTokens:  l.CountTokensPerMinute,
	}
}

// wants is what an ask has to find room for; 0 does not ask. There is no
// request without a token of each kind, so that an empty bucket holds up one of
// which nothing is known.
func (a *Ask) wants() amounts {
	if a.Operation == tollgate.CountTokens {
		return amounts{countTokens: 1}
	}
	return amounts{requests: 1, inputTokens: max(1, a.Input), outputTokens: max(1, a.Output)}
}
