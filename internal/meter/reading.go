package meter

import (
	"slices"

	"tollgate"
)

// Reading is what a tap heard of one answer. It is complete when the provider
// said all that the price depends on; Settled says whether it is, and makes
// the best of what there is when it is not.
type Reading struct {
	Usage      tollgate.Usage
	Thought    int64  // thinking tokens, a part of Usage.Output
	Model      string // who answered, as the answer says it; the last fallback's model where there was one
	StopReason string
	Started    bool   // the input's usage was seen: message_start, or a whole JSON answer
	Odd        bool   // a figure was there that could not be read
	Finished   bool   // the final usage was seen: a message_delta with a stop_reason, or a whole JSON answer, errors included
	Empty      bool   // no content block was ever opened: a refusal of this kind is free
	Error      string // type of an error event or answer, "" if there was none

	// OutputEstimate is the output in tokens by what was streamed: about four
	// characters a token, and the provider's own rough count where thinking is
	// not shown. It is the only figure for a stream that ended early.
	OutputEstimate int64
}

// Settled is the usage to bill. estimated says that the provider did not say
// all of it: the output is then at least what was seen to be streamed, and the
// input is unknown unless the answer had started.
func (r Reading) Settled() (usage tollgate.Usage, estimated bool) {
	usage = r.Usage
	if r.Finished {
		return usage, !r.Started || r.Odd
	}
	unsaid := r.OutputEstimate - usage.Output
	if unsaid <= 0 {
		return usage, true
	}
	usage.Output += unsaid
	if n := len(usage.Iterations); n > 0 {
		usage.Iterations = slices.Clone(usage.Iterations)
		usage.Iterations[n-1].Output += unsaid
	}
	return usage, true
}
