package simulator

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"tollgate"
)

// A directive is a rule in the prompt, such as [[simulate: status=529 times=2]]:
// the keys are those of a rule's do, with dots for what lies inside, and times.
var directiveForm = regexp.MustCompile(`\[\[simulate:([^\]]*)\]\]`)

// directivePair is one key=value; a value with spaces stands in quotes.
var directivePair = regexp.MustCompile(`^([a-zA-Z_][\w.-]*)=("[^"]*"|'[^']*'|[^\s,]*)[\s,]*`)

// maxDirectives is how many different directives are counted at a time.
const maxDirectives = 1024

// directiveUses counts how often a credential has used a directive.
type directiveUses struct {
	mu   sync.Mutex
	uses map[string]int
}

func (d *directiveUses) count(key string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.uses == nil || len(d.uses) >= maxDirectives {
		d.uses = map[string]int{}
	}
	d.uses[key]++
	return d.uses[key]
}

// directive is the rule in the prompt, if there is one and it is not used up.
// mistake tells the user why it cannot be read. A request for a title quotes
// the prompt and does not obey it.
func (s *Simulator) directive(v *visit, c *conversation) (rule *Rule, mistake string) {
	if c == nil || v.operation != Messages || c.OutputConfig.Format.Type != "" {
		return nil, ""
	}
	text := c.typed()
	found := directiveForm.FindStringSubmatch(text)
	if found == nil {
		return nil, ""
	}
	rule, problems := parseDirective(found[1])
	if len(problems) > 0 {
		return nil, "The directive cannot be read: " + problems[0].String() + "."
	}
	used := s.directives.count(string(v.face.name) + "\x00" + v.caller + "\x00" + text)
	if rule.Match.Times > 0 && used > rule.Match.Times {
		return nil, ""
	}
	return rule, ""
}

// parseDirective reads key=value pairs by way of the script's own YAML, so
// that both forms know the same words.
func parseDirective(text string) (*Rule, []tollgate.Problem) {
	do, match := map[string]any{}, map[string]any{}
	rest := strings.TrimSpace(text)
	for rest != "" {
		found := directivePair.FindStringSubmatch(rest)
		if found == nil {
			return nil, []tollgate.Problem{{Message: fmt.Sprintf("%q is not key=value", rest)}}
		}
		rest = rest[len(found[0]):]
		value, err := directiveValue(found[2])
		if err != nil {
			return nil, []tollgate.Problem{{Path: found[1], Message: "the value cannot be read"}}
		}
		if found[1] == "times" {
			match["times"] = value
		} else if !nest(do, strings.Split(found[1], "."), value) {
			return nil, []tollgate.Problem{{Path: found[1], Message: "stands beside a value of its own parent"}}
		}
	}
	rule := map[string]any{"name": "directive", "do": do}
	if len(match) > 0 {
		rule["match"] = match
	}
	script, problems := ParseScript(mustJSON(map[string]any{"rules": []any{rule}}))
	if len(problems) > 0 {
		return nil, problems
	}
	return script.Rules[0], nil
}

func directiveValue(text string) (any, error) {
	if quoted := strings.Trim(text, `"'`); len(quoted) < len(text) {
		return quoted, nil
	}
	if number, err := strconv.Atoi(text); err == nil {
		return number, nil
	}
	var value any
	err := yaml.Load([]byte(text), &value)
	return value, err
}

// nest puts value at the path inside tree.
func nest(tree map[string]any, path []string, value any) bool {
	for len(path) > 1 {
		if tree[path[0]] == nil {
			tree[path[0]] = map[string]any{}
		}
		inner, ok := tree[path[0]].(map[string]any)
		if !ok {
			return false
		}
		tree, path = inner, path[1:]
	}
	tree[path[0]] = value
	return true
}
