package cred

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"tollgate"
)

// What a session of a role may be called after and tagged with.
const (
	ByDeveloper = "developer" // the developer's email, or the service's name
	ByTeam      = "team"
)

// Role is assumed for a request, so that AWS's bill and its log tell people
// apart. Whose session it is comes from the key that was presented alone.
type Role struct {
	ARN, ExternalID string
	SessionName     string   // ByDeveloper, ByTeam, or the name itself
	SessionTags     []string // any of ByDeveloper, ByTeam
}

// session is what tells one session of a role from another. An empty tag is not
// sent.
type session struct{ name, developer, team string }

// The bounds of AWS's Security Token Service, and what stands for a name that is
// too short for it. Source: its reference of AssumeRole, 2026-11-23.
const (
	maxSessionName = 64
	maxTag         = 256
	unnamed        = "tollgate"
)

// session is the principal's.
func (r *Role) session(who tollgate.Principal) (s session) {
	values := map[string]string{ByDeveloper: who.Name(), ByTeam: who.Team}
	name, ofPrincipal := values[r.SessionName]
	if !ofPrincipal {
		name = r.SessionName
	}
	s.name = sessionName(name)
	for _, tag := range r.SessionTags {
		switch tag {
		case ByDeveloper:
			s.developer = tagValue(values[tag])
		case ByTeam:
			s.team = tagValue(values[tag])
		}
	}
	return s
}

// sessionName writes a name as STS takes it. Where that loses something, a
// digest keeps two people apart.
func sessionName(name string) string {
	fitting := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_+=,.@-", r)) {
			return r
		}
		return '-'
	}, name)
	switch {
	case name == "":
		return unnamed
	case fitting == name && 2 <= len(name) && len(name) <= maxSessionName:
		return name
	}
	digest := sha256.Sum256([]byte(name))
	mark := "-" + hex.EncodeToString(digest[:4])
	return fitting[:min(len(fitting), maxSessionName-len(mark))] + mark
}

// tagValue writes a value as STS takes it.
func tagValue(value string) string {
	fitting := []rune(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.L, unicode.Z, unicode.N) || strings.ContainsRune("_.:/=+-@", r) {
			return r
		}
		return '-'
	}, value))
	return string(fitting[:min(len(fitting), maxTag)])
}

// maxSessions is how many sessions are kept, those that were used last.
const maxSessions = 1024

// sessions are the credentials of a role's sessions. The zero one is empty.
type sessions struct {
	mu     sync.Mutex
	of     map[session]*list.Element // of kept
	recent list.List                 // the last one used is in front
}

type kept struct {
	session
	credentials *source[aws.Credentials]
}

// get is what is kept for a session, or else what make makes.
func (s *sessions) get(which session, make func() *source[aws.Credentials]) *source[aws.Credentials] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, known := s.of[which]; known {
		s.recent.MoveToFront(at)
		return at.Value.(kept).credentials
	}
	if s.of == nil {
		s.of = map[session]*list.Element{}
	}
	if len(s.of) == maxSessions {
		delete(s.of, s.recent.Remove(s.recent.Back()).(kept).session)
	}
	made := kept{which, make()}
	s.of[which] = s.recent.PushFront(made)
	return made.credentials
}

// assumed is where the credentials of the principal's session come from.
func (a *AWS) assumed(who tollgate.Principal) *source[aws.Credentials] {
	which := a.config.Role.session(who)
	return a.roles.get(which, func() *source[aws.Credentials] {
		return &source[aws.Credentials]{
			fetch: func(ctx context.Context) (grant[aws.Credentials], error) { return a.assume(ctx, which) },
			now:   a.now, log: a.log,
		}
	})
}

// assume begins a session of the role.
func (a *AWS) assume(ctx context.Context, which session) (none grant[aws.Credentials], err error) {
	loaded, err := a.load(ctx, awsconfig.WithCredentialsProvider(aws.CredentialsProviderFunc(a.own.current)))
	if err != nil {
		return none, err
	}
	answer, err := sts.NewFromConfig(loaded).AssumeRole(ctx, a.config.Role.input(which))
	if err != nil {
		return none, awsCause(err)
	}
	given := answer.Credentials
	assumed := aws.Credentials{
		AccessKeyID:     aws.ToString(given.AccessKeyId),
		SecretAccessKey: aws.ToString(given.SecretAccessKey),
		SessionToken:    aws.ToString(given.SessionToken),
	}
	return grant[aws.Credentials]{assumed, until(aws.ToTime(given.Expiration), a.now())}, nil
}

func (r *Role) input(which session) *sts.AssumeRoleInput {
	input := &sts.AssumeRoleInput{RoleArn: &r.ARN, RoleSessionName: &which.name}
	if r.ExternalID != "" {
		input.ExternalId = &r.ExternalID
	}
	for _, tag := range []struct{ key, value string }{{ByDeveloper, which.developer}, {ByTeam, which.team}} {
		if tag.value != "" {
			input.Tags = append(input.Tags, types.Tag{Key: aws.String(tag.key), Value: aws.String(tag.value)})
		}
	}
	return input
}
