package upstream

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tollgate"
	"tollgate/internal/cred"
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
	problems = append(problems, c.AssumeRole.problems(p, given)...)
	problems = append(problems, c.Entra.problems()...)
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

var (
	validRole    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)
	validSession = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

func (r *AssumeRole) problems(p provider, given []string) (problems []tollgate.Problem) {
	if r == nil {
		return nil
	}
	complain := func(key, message, remedy string) {
		problems = append(problems, tollgate.Problem{Path: "assume_role" + key, Message: message, Remedy: remedy})
	}
	if signed := len(given) == 0 || strings.HasPrefix(given[0], "aws_"); p.service == "" || !signed {
		complain("", "has no effect without signatures for AWS", "remove it, or the credential that is sent in their place")
	}
	if !validRole.MatchString(r.RoleARN) {
		complain(".role_arn", "is missing or malformed", "write arn:aws:iam::ACCOUNT:role/NAME")
	}
	if r.SessionName != "" && !validSession.MatchString(r.SessionName) {
		complain(".session_name", "is no name that a session can have", "write developer, team, or 2 to 64 letters, digits and any of _+=,.@-")
	}
	for i, tag := range r.SessionTags {
		if tag != cred.ByDeveloper && tag != cred.ByTeam || slices.Contains(r.SessionTags[:i], tag) {
			complain(fmt.Sprintf(".session_tags[%d]", i), "is none of what sessions can be tagged with, or stands there twice", "write any of developer and team")
		}
	}
	return problems
}

// problems: an application is all of it, or nothing for Azure's own chain.
func (e *Entra) problems() (problems []tollgate.Problem) {
	if e == nil {
		return nil
	}
	key, certificate := !e.ClientSecret.IsZero(), e.CertificateFile != ""
	switch {
	case key && certificate:
		problems = append(problems, tollgate.Problem{Path: "entra.certificate_file", Message: "is a second credential beside client_secret", Remedy: "keep one of them"})
	case (key || certificate) && (e.Tenant == "" || e.ClientID == ""):
		problems = append(problems, tollgate.Problem{Path: "entra", Message: "names no application", Remedy: "write tenant and client_id"})
	case !key && !certificate && e.ClientID != "":
		problems = append(problems, tollgate.Problem{Path: "entra", Message: "has no credential of the application", Remedy: "write client_secret or certificate_file, or leave client_id out for Azure's own chain"})
	}
	return append(problems, tokenProblems("entra.client_secret", e.ClientSecret)...)
}

func enumerate(keys []string) string { return strings.Join(keys, ", ") }
