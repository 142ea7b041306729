package simulator

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"tollgate/internal/simulator/sigv4"
)

// AssumedRole is one call that STS has answered with credentials.
type AssumedRole struct {
	At          time.Time
	Caller      string // the access key that asked; empty: a web identity
	RoleARN     string
	SessionName string
	ExternalID  string
	Tags        map[string]string
	AccessKeyID string // of what was given out
	Expires     time.Time
}

// assumedRoles remembers what STS gave out.
type assumedRoles struct {
	mu   sync.Mutex
	list []AssumedRole
	keys map[string]sigv4.Key
}

// maxRoles bounds what is remembered.
const maxRoles = 1024

func (a *assumedRoles) add(role AssumedRole, key sigv4.Key) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.keys == nil || len(a.list) >= maxRoles {
		a.list, a.keys = nil, map[string]sigv4.Key{}
	}
	a.list = append(a.list, role)
	a.keys[role.AccessKeyID] = key
}

func (a *assumedRoles) key(id string) (sigv4.Key, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key, ok := a.keys[id]
	return key, ok
}

// AssumedRoles are the roles that were assumed so far, oldest first.
func (s *Simulator) AssumedRoles() []AssumedRole {
	s.roles.mu.Lock()
	defer s.roles.mu.Unlock()
	return slices.Clone(s.roles.list)
}

// sts is AWS's token service.
func (s *Simulator) sts() *face {
	f := &face{
		name: STS, maxBody: 1 << 20, format: serverSentEvents, routes: http.NewServeMux(), fault: stsFault,
		headers: func(h http.Header, _ time.Time) { h.Set("X-Amzn-Requestid", newUUID()) },
	}
	f.open("POST /", s.assumeRole)
	return f
}

// assumeRole answers AssumeRole, which is signed, and AssumeRoleWithWebIdentity,
// which carries its own proof.
func (s *Simulator) assumeRole(v *visit) {
	v.operation = Token
	form, _ := url.ParseQuery(string(v.body))
	role := AssumedRole{
		At: s.config.Now(), RoleARN: form.Get("RoleArn"), SessionName: form.Get("RoleSessionName"),
		ExternalID: form.Get("ExternalId"), Tags: tags(form),
	}
	switch action := form.Get("Action"); action {
	case "AssumeRole":
		scope, failure := s.signature(v, "sts")
		if failure != nil {
			v.deny(http.StatusForbidden, failure.Code, failure.Message)
			return
		}
		role.Caller = scope.AccessKeyID
	case "AssumeRoleWithWebIdentity":
		if strings.Count(form.Get("WebIdentityToken"), ".") != 2 {
			v.deny(http.StatusBadRequest, "InvalidIdentityToken", "The web identity token is no JWT.")
			return
		}
	default:
		v.deny(http.StatusBadRequest, "InvalidAction", "Could not find operation "+action+".")
		return
	}
	if s.misbehaved(v, nil) {
		return
	}
	if problem := role.problem(); problem != "" {
		v.deny(http.StatusBadRequest, "ValidationError", problem)
		return
	}
	s.giveOut(v, form.Get("Action"), role)
}

// giveOut answers with credentials of the role.
func (s *Simulator) giveOut(v *visit, action string, role AssumedRole) {
	role.AccessKeyID = "ASIA" + strings.ToUpper(newID("")[:16])
	role.Expires = role.At.Add(s.config.TokenLifetime)
	key := sigv4.Key{Secret: newID("role/"), Session: newID("simulated-session-"), Expires: role.Expires}
	s.roles.add(role, key)
	result := stsResult{
		ID: role.AccessKeyID, Secret: key.Secret, Token: key.Session, Expires: role.Expires.UTC().Format(time.RFC3339),
		User: role.RoleARN + "/" + role.SessionName,
	}
	var text bytes.Buffer
	if err := xml.NewEncoder(&text).EncodeElement(result, xml.StartElement{Name: xml.Name{Local: action + "Result"}}); err != nil {
		panic(err) // texts only
	}
	v.Header().Set("Content-Type", "text/xml")
	v.send(http.StatusOK, fmt.Appendf(nil, "<%[1]sResponse xmlns=%[2]q>%[3]s</%[1]sResponse>",
		action, "https://sts.amazonaws.com/doc/2011-06-15/", text.Bytes()))
}

// stsResult is the inside of an answer of STS.
type stsResult struct {
	ID      string `xml:"Credentials>AccessKeyId"`
	Secret  string `xml:"Credentials>SecretAccessKey"`
	Token   string `xml:"Credentials>SessionToken"`
	Expires string `xml:"Credentials>Expiration"`
	User    string `xml:"AssumedRoleUser>Arn"`
}

// problem says what STS would say about the request.
func (r AssumedRole) problem() string {
	allowed := func(text, more string) bool {
		return strings.IndexFunc(text, func(c rune) bool {
			return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("_=,.@-"+more, c))
		}) < 0
	}
	if !strings.HasPrefix(r.RoleARN, "arn:aws:iam::") {
		return r.RoleARN + " is invalid"
	}
	if n := len(r.SessionName); n < 2 || n > 64 || !allowed(r.SessionName, "+") {
		return "Member must satisfy regular expression pattern: [\\w+=,.@-]* and have a length from 2 to 64: roleSessionName"
	}
	for name, value := range r.Tags {
		if name == "" || len(name) > 128 || len(value) > 256 || !allowed(name+value, "+:/ ") {
			return "A tag has a key or a value that is not allowed."
		}
	}
	if len(r.Tags) > 50 {
		return "There are more than 50 tags."
	}
	return ""
}

// tags are the session's, as a form lists them.
func tags(form url.Values) map[string]string {
	tags := map[string]string{}
	for i := 1; form.Has(fmt.Sprintf("Tags.member.%d.Key", i)); i++ {
		tags[form.Get(fmt.Sprintf("Tags.member.%d.Key", i))] = form.Get(fmt.Sprintf("Tags.member.%d.Value", i))
	}
	return tags
}

// stsFault is an error of STS, which speaks XML.
func stsFault(header http.Header, f fault) []byte {
	header.Set("Content-Type", "text/xml")
	code, kind := f.said.Type, "Sender"
	if code == "" {
		code = strings.TrimSuffix(awsErrors[f.status], "Exception")
	}
	if f.status >= 500 {
		kind = "Receiver"
	}
	text, err := xml.Marshal(struct {
		XMLName struct{} `xml:"ErrorResponse"`
		Type    string   `xml:"Error>Type"`
		Code    string   `xml:"Error>Code"`
		Message string   `xml:"Error>Message"`
		ID      string   `xml:"RequestId"`
	}{Type: kind, Code: code, Message: f.words(roleARN), ID: newUUID()})
	if err != nil {
		panic(err) // texts only
	}
	return text
}
