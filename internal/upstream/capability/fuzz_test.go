package capability

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// FuzzFit: what is valid stays valid, what was fitted needs no fitting any more,
// and nothing is left out of the decoded request but what the table names.
func FuzzFit(f *testing.F) {
	f.Add(request, strings.Join(requestBetas, ","))
	f.Add(`{"output_config":{"effort":1},"speed":"fast","model":"m"}`, "effort-2025-11-24")
	f.Add(`{"messages":[{"role":"system","content":"x"},{"content":[{"cache_control":{"scope":1}}]}],"cache_control":{}}`, "x")
	f.Fuzz(func(t *testing.T, body, list string) {
		checkFit(t, body, slices.Compact(slices.Sorted(strings.SplitSeq(list, ","))))
	})
}

// TestFitRandomRequests holds the same of requests made of the names that the
// table knows, in any arrangement.
func TestFitRandomRequests(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 2026))
	for range 300 {
		var given []string
		for range random.IntN(6) {
			given = add(given, requestBetas[random.IntN(len(requestBetas))])
		}
		checkFit(t, arbitrary(random, 0), given)
	}
}

var arbitraryNames = []string{
	"model", "stream", "messages", "system", "tools", "content", "cache_control", "scope", "ttl", "type", "source", "output_config",
	"effort", "speed", "fallbacks", "context_management", "edits", "safeguards", "defer_loading", "eager_input_streaming", "input", "x", `sp\u0065ed`,
}

// arbitrary makes a value, an object when depth is 0, in which lists stand where
// a request has them.
func arbitrary(random *rand.Rand, depth int) string {
	if depth > 0 && random.IntN(depth+3) > 2 || depth > 4 {
		return []string{`"scope\""`, `1`, `"compact_1"`, `null`, `[]`, `{}`}[random.IntN(6)]
	}
	var members []string
	for _, i := range random.Perm(len(arbitraryNames))[:random.IntN(7)] {
		value := arbitrary(random, depth+1)
		if name := arbitraryNames[i]; slices.Contains([]string{"messages", "system", "tools", "content", "edits"}, name) && random.IntN(8) > 0 {
			value = "[" + value + ", " + arbitrary(random, depth+1) + "]"
		}
		members = append(members, `"`+arbitraryNames[i]+`" :`+value)
	}
	return "{" + strings.Join(members, " ,") + "}"
}

func checkFit(t *testing.T, body string, given []string) {
	t.Helper()
	for _, provider := range clouds {
		table := newTable(provider)
		got, err := fit(t, table, opus, body, given...)
		if err != nil || !json.Valid([]byte(body)) {
			continue
		}
		if !json.Valid([]byte(got.body)) {
			t.Fatalf("%s: %s became %s", provider, body, got.body)
		}
		if again, err := fit(t, table, opus, got.body, got.betas...); err != nil || again.body != got.body || !slices.Equal(again.betas, got.betas) {
			t.Fatalf("%s: %s, fitted again, is %s %q and not %q: %v", provider, got.body, again.body, again.betas, got.betas, err)
		}
		if plainly(t, table.plan(opus), body) != plainly(t, &plan{}, got.body) {
			t.Fatalf("%s: %s became %s", provider, body, got.body)
		}
		envelope := jsonedit.Edit([]byte(body))
		if _, _, err := table.Fit(envelope, tollgate.Call{Betas: given, Model: opus}, opus); err != nil {
			t.Fatal(err)
		}
		envelope.Set(0, []byte(body), jsonedit.Setting{Name: "model"}, jsonedit.Setting{Name: "anthropic_version", Value: []byte(`"v"`)})
		if after := envelope.Bytes(); body[0] == '{' && !json.Valid(after) {
			t.Fatalf("%s: with its envelope %s became %s", provider, body, after)
		}
	}
}

// plainly decodes a body, takes out what the table takes out in the simplest
// way there is, and writes the rest.
func plainly(t *testing.T, p *plan, body string) string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	for i := range p.features {
		if !p.features[i].removes() {
			continue
		}
		for _, field := range p.features[i].fields {
			for _, place := range placesOf(field) {
				tree = without(tree, stepsOf(place))
			}
		}
	}
	text, err := json.Marshal(prune(tree))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func without(tree any, steps []step) any {
	s := steps[0]
	switch tree := tree.(type) {
	case map[string]any:
		switch value, ok := tree[s.name]; {
		case s.element || !ok:
		case len(steps) == 1:
			delete(tree, s.name)
		default:
			tree[s.name] = without(value, steps[1:])
		}
		return tree
	case []any:
		if !s.element {
			return tree
		}
		var left []any
		for _, element := range tree {
			text, _ := json.Marshal(element)
			switch fits := s.fits(text); {
			case fits && len(steps) == 1:
				continue
			case fits:
				element = without(element, steps[1:])
			}
			left = append(left, element)
		}
		return left
	}
	return tree
}

// prune takes away empty objects, and lists that nothing is left of, on both
// sides of a comparison.
func prune(tree any) any {
	switch value := tree.(type) {
	case map[string]any:
		for key, inside := range value {
			switch inside := prune(inside).(type) {
			case map[string]any:
				if len(inside) == 0 {
					delete(value, key)
				}
			case []any:
				if len(inside) == 0 {
					delete(value, key)
				}
			}
		}
	case []any:
		for i := range value {
			value[i] = prune(value[i])
		}
	}
	return tree
}

// FuzzLearn: whatever a provider says, what is learned is something that the
// request had, never what it means, and short.
func FuzzLearn(f *testing.F) {
	f.Add("tools.0.custom.defer_loading: Extra inputs are not permitted")
	f.Add("Unexpected value(s) `effort-2025-11-24` for the `anthropic-beta` header")
	f.Add("messages.3.content.0.tool_result.content.0: Input tag 'tool_reference' found using 'type' does not match")
	f.Add("thinking.adaptive: Extra inputs are not permitted")
	f.Fuzz(func(t *testing.T, message string) {
		for _, provider := range clouds {
			table := newTable(provider)
			learned := table.Learn(tollgate.Call{Model: opus, Betas: requestBetas}, []byte(request), opus, message)
			lessons := table.memory.Lessons()
			if learned != (len(lessons) == 1) {
				t.Fatalf("%v: %+v", learned, lessons)
			}
			if !learned {
				continue
			}
			if l := lessons[0]; len(l.Evidence) > 200 || isOurs(l.Field) || !bytes.Contains([]byte(message), []byte(l.Beta)) {
				t.Fatalf("%+v", l)
			}
			before, err := fit(t, newTable(provider), opus, request, requestBetas...)
			if err != nil {
				t.Fatal(err)
			}
			after, err := fit(t, table, opus, request, requestBetas...)
			if err != nil || before.body == after.body && slices.Equal(before.betas, after.betas) {
				t.Fatalf("%s: %+v changes nothing: %v", provider, lessons, err)
			}
		}
	})
}
