package simulator

// Script is a list of rules.
type Script struct{}

// Operation is what a rule can be about.
type Operation string

// The operations.
const (
	Messages       Operation = "messages"
	CountTokens    Operation = "count_tokens"
	Models         Operation = "models"
	operationToken Operation = "token"
)

type directiveUses struct{}

func (s *Simulator) misbehaved(v *visit, c *conversation) bool { return false }
func (s *Simulator) improvised(v *visit) bool                  { return false }
