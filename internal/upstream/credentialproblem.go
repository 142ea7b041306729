package upstream

import (
	"slices"
	"strings"

	"tollgate"
)

// credentialProblems: exactly one kind, so that nobody has to know which one
// would win.
func (c Config) credentialProblems(p provider) (problems []tollgate.Problem) {
	given := c.credentials()
	if len(given) == 0 && p.standard == nil {
		problems = append(problems, tollgate.Problem{Message: "has no credential", Remedy: "give it one of " + enumerate(p.takes)})
	}
	for i, key := range given {
		switch {
		case !slices.Contains(p.takes, key):
			problems = append(problems, tollgate.Problem{Path: key, Message: "is no credential of " + c.Provider, Remedy: "give it one of " + enumerate(p.takes)})
		case i > 0:
			problems = append(problems, tollgate.Problem{Path: key, Message: "is a second credential beside " + given[0], Remedy: "keep one of " + enumerate(given)})
		}
	}
	problems = append(problems, tokenProblems("api_key", c.APIKey)...)
	problems = append(problems, tokenProblems("bearer", c.Bearer)...)
	problems = append(problems, c.awsKeyProblems()...)
	return append(problems, c.Federation.problems()...)
}

// awsKeyProblems: the parts of a fixed key go together.
func (c Config) awsKeyProblems() (problems []tollgate.Problem) {
	id, key, token := c.AWSAccessKeyID != "", !c.AWSSecretAccessKey.IsZero(), !c.AWSSessionToken.IsZero()
	switch {
	case id && !key:
		problems = append(problems, tollgate.Problem{Path: "aws_secret_access_key", Message: "is missing beside aws_access_key_id", Remedy: "write both, or neither"})
	case !id && (key || token):
		problems = append(problems, tollgate.Problem{Path: "aws_access_key_id", Message: "is missing beside the rest of the key", Remedy: "write all of the key, or nothing of it"})
	}
	problems = append(problems, tokenProblems("aws_secret_access_key", c.AWSSecretAccessKey)...)
	return append(problems, tokenProblems("aws_session_token", c.AWSSessionToken)...)
}

func enumerate(keys []string) string { return strings.Join(keys, ", ") }
