package tokenexchange

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// claims are what a token says, as texts. Those inside another have names with a
// slash.
type claims map[string]string

// readClaims takes the texts, numbers and booleans out of a token's payload.
func readClaims(payload []byte) (claims, error) {
	var said map[string]any
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	if err := decoder.Decode(&said); err != nil {
		return nil, err
	}
	found := claims{}
	found.take("", said)
	for name, value := range said { // a claim of that very name comes first
		found.put(name, value)
	}
	return found, nil
}

func (c claims) take(within string, said map[string]any) {
	for name, value := range said {
		if inner, is := value.(map[string]any); is {
			c.take(within+name+"/", inner)
			continue
		}
		c.put(within+name, value)
	}
}

func (c claims) put(name string, value any) {
	switch v := value.(type) {
	case string:
		c[name] = v
	case json.Number:
		c[name] = v.String()
	case bool:
		c[name] = strconv.FormatBool(v)
	}
}

// pattern is a glob for claims: a star is anything but "/" and ":", which part the
// names in them, and two stars are anything.
func pattern(glob string) *regexp.Regexp {
	text := regexp.QuoteMeta(glob)
	text = strings.ReplaceAll(text, `\*\*`, `.*`)
	text = strings.ReplaceAll(text, `\*`, `[^/:]*`)
	return regexp.MustCompile(`(?s)\A` + text + `\z`)
}

// matches says whether all patterns of a rule fit.
func (r Rule) matches(said claims) bool {
	for name, glob := range r.Claims {
		value, there := said[name]
		if !there || !pattern(glob).MatchString(value) {
			return false
		}
	}
	return len(r.Claims) > 0
}
