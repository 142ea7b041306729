package body

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"tollgate"
)

// Config is what is kept of bodies beside their digests.
type Config struct {
	// Bodies is what is kept of the bodies of requests and of answers. hash keeps
	// their digests, which the ledger always has. sealed keeps the bodies too,
	// without the credentials in them, encrypted to the recipients. none is
	// another word for hash, for whoever wants to have it written down that
	// nothing else is kept.
	Bodies Mode `yaml:"bodies"`
	// Recipients are the public keys, age1…, of those who may open what is
	// sealed. Make a pair with age-keygen, on a machine that is not the gateway's.
	Recipients []string `yaml:"recipients"`
	// Body bounds what sealed bodies take.
	Body Bounds `yaml:"body"`
	// Redact is what is taken out of bodies before they are sealed. What is
	// forwarded is never changed.
	Redact Redact `yaml:"redact"`
}

// Mode is what is kept of bodies.
type Mode string

// The modes.
const (
	None   Mode = "none"
	Hash   Mode = "hash"
	Sealed Mode = "sealed"
)

// Bounds are how much may be kept, and for how long.
type Bounds struct {
	// MaxBytes is the largest body that is kept. Of a larger one only the digest is.
	MaxBytes tollgate.ByteSize `yaml:"max_bytes"`
	// MaxTotalBytes bounds all of them together on the disk; the oldest go first.
	MaxTotalBytes tollgate.ByteSize `yaml:"max_total_bytes"`
	// Retention is how long a body is kept.
	Retention time.Duration `yaml:"retention"`
}

// Redact is what is replaced in bodies before they are sealed.
type Redact struct {
	// Credentials replaces what is known to be one: keys of providers and of
	// this gateway, tokens of clouds and of code hosts, private keys, passwords
	// in addresses.
	Credentials bool `yaml:"credentials"`
	// Patterns are the organisation's own.
	Patterns []Pattern `yaml:"patterns"`
}

// Pattern is something to be replaced by «redacted:NAME».
type Pattern struct {
	// Name stands in place of what was found, in small letters, digits and hyphens.
	Name string `yaml:"name"`
	// Match is a regular expression in the syntax of RE2. It sees one text of the
	// conversation after the other, without JSON's escapes.
	Match string `yaml:"match"`
}

// DefaultConfig is in force where the configuration says nothing.
func DefaultConfig() Config {
	return Config{
		Bodies: Hash,
		Body:   Bounds{MaxBytes: 32 << 20, MaxTotalBytes: 50 << 30, Retention: 90 * 24 * time.Hour},
		Redact: Redact{Credentials: true},
	}
}

// Validate returns every mistake at once. Paths are relative to this Config.
func (c Config) Validate() (problems []tollgate.Problem) {
	if !slices.Contains([]Mode{None, Hash, Sealed}, c.Bodies) {
		problems = append(problems, tollgate.Problem{Path: "bodies", Message: "is not one of the three", Remedy: "write none, hash or sealed"})
	}
	if c.Bodies == Sealed && len(c.Recipients) == 0 {
		problems = append(problems, tollgate.Problem{
			Path: "recipients", Message: "is missing: nobody could open what is sealed",
			Remedy: "make a pair of keys with age-keygen and write its public key, age1…",
		})
	}
	for i, each := range c.Recipients {
		if _, err := age.ParseX25519Recipient(each); err != nil {
			problems = append(problems, tollgate.Problem{
				Path: fmt.Sprintf("recipients[%d]", i), Message: "is not the public key of an age pair", Remedy: "write the one that age-keygen printed, age1…",
			})
		}
	}
	return slices.Concat(problems, c.Body.problems(), c.Redact.problems())
}

func (b Bounds) problems() (problems []tollgate.Problem) {
	if b.MaxBytes < 1 {
		problems = append(problems, tollgate.Problem{Path: "body.max_bytes", Message: "leaves room for no body", Remedy: "write one such as 32MiB"})
	}
	if b.MaxTotalBytes < b.MaxBytes {
		problems = append(problems, tollgate.Problem{Path: "body.max_total_bytes", Message: "is less than body.max_bytes", Remedy: "write one such as 50GiB"})
	}
	if b.Retention <= 0 {
		problems = append(problems, tollgate.Problem{Path: "body.retention", Message: "keeps nothing", Remedy: "write a duration such as 90d"})
	}
	return problems
}

var patternName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func (r Redact) problems() (problems []tollgate.Problem) {
	for i, p := range r.Patterns {
		at := fmt.Sprintf("redact.patterns[%d].", i)
		if !patternName.MatchString(p.Name) {
			problems = append(problems, tollgate.Problem{Path: at + "name", Message: "is not a name", Remedy: "use small letters, digits and hyphens, such as customer-number"})
		}
		switch compiled, err := regexp.Compile(p.Match); {
		case err != nil || p.Match == "":
			problems = append(problems, tollgate.Problem{Path: at + "match", Message: "is not a regular expression", Remedy: `write one of RE2, such as "CUST-[0-9]{8}"`})
		case compiled.MatchString(""):
			problems = append(problems, tollgate.Problem{Path: at + "match", Message: "matches nothing at all too", Remedy: "let it need one character at least"})
		}
	}
	return problems
}

// recipientsOf are those of a valid configuration, and a digest of who they are.
func recipientsOf(c Config) (all []age.Recipient, digest string) {
	texts := slices.Clone(c.Recipients)
	slices.Sort(texts)
	texts = slices.Compact(texts)
	for _, each := range texts {
		recipient, err := age.ParseX25519Recipient(each)
		if err != nil {
			continue // Validate has said so
		}
		all = append(all, recipient)
	}
	sum := sha256.Sum256([]byte(strings.Join(texts, "\n")))
	return all, hex.EncodeToString(sum[:])
}
