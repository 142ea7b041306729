package admin

import (
	"fmt"
	"slices"

	"tollgate"
)

// leastKey is how short an administrator's key may be: 16 characters, which is
// 96 bits when they are drawn at random.
const leastKey = 16

// Validate returns every mistake at once. Paths are relative to this Config.
func (c Config) Validate() (problems []tollgate.Problem) {
	if c.Metrics != ByKey && c.Metrics != Open {
		problems = append(problems, tollgate.Problem{
			Path: "metrics", Message: "is not a kind of access", Remedy: "write key or open",
		})
	}
	if c.Address != "" && len(c.Keys) == 0 && c.Metrics != Open {
		problems = append(problems, tollgate.Problem{
			Path: "keys", Message: "is missing: nobody could use the admin API at this address",
			Remedy: "add a key, or leave the address out and use the Unix socket",
		})
	}
	problems = append(problems, c.withoutAddress()...)
	names := map[string]bool{}
	for i, key := range c.Keys {
		at := fmt.Sprintf("keys[%d]", i)
		problems = append(problems, key.validate(at)...)
		if names[key.Name] && key.Name != "" {
			problems = append(problems, tollgate.Problem{
				Path: at + ".name", Message: "is the name of another key already", Remedy: "give each key a name of its own",
			})
		}
		names[key.Name] = true
		if same := slices.IndexFunc(c.Keys[:i], func(k Key) bool { return k.Key.Reveal() == key.Key.Reveal() }); same >= 0 && !key.Key.IsZero() {
			problems = append(problems, tollgate.Problem{
				Path: at + ".key", Message: fmt.Sprintf("is the key of keys[%d] too", same), Remedy: "give each a key of its own, so that the log can tell them apart",
			})
		}
	}
	return problems
}

// withoutAddress names what nobody could use. The socket asks for no key.
func (c Config) withoutAddress() (problems []tollgate.Problem) {
	if c.Address != "" {
		return nil
	}
	remedy := "write admin.address, such as 127.0.0.1:8081, or leave this out: the Unix socket needs neither"
	if len(c.Keys) > 0 {
		problems = append(problems, tollgate.Problem{Path: "keys", Message: "open nothing, since there is no admin.address", Remedy: remedy})
	}
	if c.Metrics == Open {
		problems = append(problems, tollgate.Problem{Path: "metrics", Message: "opens nothing, since there is no admin.address", Remedy: remedy})
	}
	return problems
}

func (k Key) validate(at string) (problems []tollgate.Problem) {
	if k.Name == "" {
		problems = append(problems, tollgate.Problem{
			Path: at + ".name", Message: "is missing", Remedy: "say who holds the key",
		})
	}
	if len(k.Key.Reveal()) < leastKey {
		problems = append(problems, tollgate.Problem{
			Path: at + ".key", Message: fmt.Sprintf("must have at least %d characters", leastKey),
			Remedy: "draw one with: openssl rand -base64 32",
		})
	}
	if k.Role != Read && k.Role != Write {
		problems = append(problems, tollgate.Problem{
			Path: at + ".role", Message: "is not a role", Remedy: "write read or write",
		})
	}
	return problems
}
