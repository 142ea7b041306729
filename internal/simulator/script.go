package simulator

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"tollgate"
)

// Script is a list of rules by which a Simulator misbehaves. It counts how
// often each rule was played, so give every Simulator its own.
type Script struct {
	Rules []*Rule `yaml:"rules"`
}

// Rule says which requests are answered badly, and how.
type Rule struct {
	Name  string  `yaml:"name"` // for the log; empty: its number
	Match Match   `yaml:"match"`
	Do    Conduct `yaml:"do"`

	pattern *regexp.Regexp
	mu      sync.Mutex
	seen    int
}

// Operation is what a request asks of the provider.
type Operation string

// The operations that a rule can name.
const (
	Messages    Operation = "messages"
	CountTokens Operation = "count_tokens"
	Models      Operation = "models"
	Token       Operation = "token"
)

// Match chooses requests. What is left out matches everything, except that a
// rule without an operation is about messages.
type Match struct {
	Provider  Provider  `yaml:"provider"` // empty: all of them
	Operation Operation `yaml:"operation"`
	Model     string    `yaml:"model"`   // a glob: * and ?
	Prompt    string    `yaml:"prompt"`  // a part of what the user typed last
	Pattern   string    `yaml:"pattern"` // a regular expression that it matches
	Stream    *bool     `yaml:"stream"`
	After     int       `yaml:"after"` // let this many pass first
	Times     int       `yaml:"times"` // and play this often; 0: for ever
}

// ParseScript reads a script. It names every mistake it finds.
func ParseScript(text []byte) (*Script, []tollgate.Problem) {
	root, problem := parseYAML(text)
	if problem != nil {
		return nil, []tollgate.Problem{*problem}
	}
	script := new(Script)
	problems := shapeProblems(root, reflect.TypeOf(script), "")
	if len(problems) > 0 {
		return nil, problems
	}
	if err := root.Decode(script); err != nil {
		return nil, []tollgate.Problem{yamlProblem(err, "cannot be read as a script")}
	}
	for i, rule := range script.Rules {
		at := fmt.Sprintf("rules[%d]", i)
		if rule == nil {
			problems = append(problems, tollgate.Problem{Path: at, Message: "is empty", Remedy: "write do: and what to do"})
			continue
		}
		if rule.Name == "" {
			rule.Name = at
		}
		problems = append(problems, rule.check(at)...)
	}
	if len(script.Rules) == 0 {
		problems = append(problems, tollgate.Problem{Path: "rules", Message: "there are none", Remedy: "write at least one"})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return script, nil
}

func parseYAML(text []byte) (*yaml.Node, *tollgate.Problem) {
	var documents []yaml.Node
	switch err := yaml.Load(text, &documents, yaml.WithAllDocuments()); {
	case err != nil:
		return nil, new(yamlProblem(err, "is not YAML"))
	case len(documents) == 0 || len(documents[0].Content) == 0:
		return nil, &tollgate.Problem{Message: "the script is empty", Remedy: "write rules: and at least one rule"}
	case len(documents) > 1:
		return nil, &tollgate.Problem{Line: documents[1].Line, Message: "a second document begins here", Remedy: "write everything into one, without ---"}
	}
	return documents[0].Content[0], nil
}

// yamlProblem keeps the line that the YAML reader knows, not its words: they
// are about Go.
func yamlProblem(err error, what string) tollgate.Problem {
	problem := tollgate.Problem{Message: "what stands here " + what, Remedy: "check indentation, quotes and brackets near this line"}
	if located, ok := errors.AsType[*yaml.LoadError](err); ok {
		problem.Line = located.Mark.Line
	}
	return problem
}

// check names the mistakes in a rule, and makes it ready to be matched.
func (r *Rule) check(at string) []tollgate.Problem {
	var list problemList
	match := r.Match
	switch match.Operation {
	case "":
		r.Match.Operation = Messages
	case Messages, CountTokens, Models, Token:
	default:
		list.add(at+".match.operation", "there is no such operation", "write messages, count_tokens, models or token")
	}
	if match.Provider != "" && !slices.Contains(append([]Provider{STS, Google, Entra}, Providers...), match.Provider) {
		list.add(at+".match.provider", "there is no such provider", "write anthropic, bedrock, bedrock-mantle, vertex, foundry, anthropic-aws, sts, google or entra")
	}
	if _, err := path.Match(match.Model, ""); err != nil {
		list.add(at+".match.model", "is not a glob", `write one such as "claude-opus-*"`)
	}
	pattern, err := regexp.Compile(match.Pattern)
	if err != nil {
		list.add(at+".match.pattern", "is not a regular expression: "+err.Error(), "see go doc regexp/syntax")
	}
	r.pattern = pattern
	if match.After < 0 || match.Times < 0 {
		list.add(at+".match", "after and times count from 0", "write a positive number")
	}
	r.Do.check(at+".do", &list)
	return list
}

type problemList []tollgate.Problem

func (p *problemList) add(path, message, remedy string) {
	*p = append(*p, tollgate.Problem{Path: path, Message: message, Remedy: remedy})
}

// pick returns the first rule that is to be played now, or nil. c is nil
// where a request has no conversation.
func (s *Script) pick(at Provider, operation Operation, c *conversation) *Rule {
	if s == nil {
		return nil
	}
	for _, rule := range s.Rules {
		if rule.fits(at, operation, c) && rule.due() {
			return rule
		}
	}
	return nil
}

func (r *Rule) fits(at Provider, operation Operation, c *conversation) bool {
	if r.Match.Operation != operation || r.Match.Provider != "" && r.Match.Provider != at {
		return false
	}
	if c == nil {
		return r.Match.anyConversation()
	}
	prompt := c.prompt()
	if model, _ := path.Match(r.Match.Model, c.Model); r.Match.Model != "" && !model {
		return false
	}
	return strings.Contains(prompt, r.Match.Prompt) && r.pattern.MatchString(prompt) &&
		(r.Match.Stream == nil || *r.Match.Stream == c.Stream)
}

func (m Match) anyConversation() bool {
	return m.Model == "" && m.Prompt == "" && m.Pattern == "" && m.Stream == nil
}

// due counts a request that fits, and says whether it is this rule's turn.
func (r *Rule) due() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen++
	turn := r.seen - r.Match.After
	return turn >= 1 && (r.Match.Times == 0 || turn <= r.Match.Times)
}
