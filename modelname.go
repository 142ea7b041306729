package tollgate

import (
	"hash/maphash"
	"regexp"
	"strings"
	"sync/atomic"
)

// ModelName is the name of a model, taken apart. Access rules, routes, budgets
// and prices all read names with ParseModel, so that a model is one model under
// each of its spellings.
type ModelName struct {
	// Base is the name without everything below: "claude-opus-4-5".
	Base string
	// Date is the day of its snapshot, "20251101", empty where the name has none.
	Date string
	// Profile is the geography of a Bedrock inference profile, "eu" or "global",
	// empty where the name has none.
	Profile string
}

// ParseModel takes apart any spelling under which clients and clouds know a
// model: an id or an alias of the Messages API, with or without the client's
// own suffix [1m]; Bedrock's ("eu.anthropic.claude-opus-4-5-20251101-v1:0", also
// at the end of an ARN); Google's ("claude-opus-4-5@20251101", also at the end
// of a resource name). A name of another shape is its own Base, an ARN that
// ends in no model's name too: what it stands for cannot be seen.
// Source: providers.md 2.7, 3.1 and 7, 2026-11-23.
func ParseModel(name string) ModelName {
	if plainModel(name) {
		return ModelName{Base: name}
	}
	slot := &spellings[maphash.String(spellingSeed, name)%uint64(len(spellings))]
	if known := slot.Load(); known != nil && known.name == name {
		return known.means
	}
	name = strings.Clone(name) // which may be a part of something long
	means := parseModel(name)
	if len(name) <= longestSpelling {
		slot.Store(&spelling{name, means})
	}
	return means
}

// spelling is a name and what it means.
type spelling struct {
	name  string
	means ModelName
}

// spellings are some that were read lately: a gateway meets few, each of them
// several times for one request. What a client sends can push one out and no more.
var (
	spellings    [256]atomic.Pointer[spelling]
	spellingSeed = maphash.MakeSeed()
)

// longestSpelling is more than a model's name is long that anybody uses, in bytes.
const longestSpelling = 256

// plainModel says whether a name is nothing but the base that nearly every
// request names, which spares it the search for everything else: lower case
// letters, digits and hyphens behind the family's name, and a version of one or two
// digits at the end.
func plainModel(name string) bool {
	if !strings.HasPrefix(name, "claude-") {
		return false
	}
	for i := range len(name) {
		if b := name[i]; b != '-' && (b < 'a' || b > 'z') && (b < '0' || b > '9') {
			return false
		}
	}
	version := name[strings.LastIndexByte(name, '-')+1:]
	return len(version) > 0 && len(version) <= 2 && version[0] >= '1' && version[0] <= '9' && version[len(version)-1] <= '9'
}

func parseModel(name string) ModelName {
	name = unsuffixed(name)
	if found := modelSpelling.FindStringSubmatch(name); found != nil && (found[3] == "" || found[4] == "") {
		return ModelName{Base: modelAlias.ReplaceAllString(found[2], "$1"), Date: found[3] + found[4], Profile: found[1]}
	}
	return ModelName{Base: name}
}

// String is the model's name as the Messages API spells it.
func (n ModelName) String() string {
	if n.Date == "" {
		return n.Base
	}
	return n.Base + "-" + n.Date
}

// Claude says whether the name is one of the family's. Of any other nothing is
// known but the name itself.
func (n ModelName) Claude() bool { return modelSpelling.MatchString(n.Base) }

// unsuffixed takes away what stands behind a name and is no part of it, however
// often.
func unsuffixed(name string) string {
	for {
		bare := BareModel(strings.TrimSpace(name))
		if bare == name {
			return name
		}
		name = bare
	}
}

// modelSpelling finds the profile, the base, and the date in one of its two
// places. What may follow are the revisions by which Bedrock numbers what it
// serves under a name, and the words for the newest snapshot.
var modelSpelling = regexp.MustCompile(`^(?:.*/)?(?:(?:([a-z-]+)\.)?anthropic\.)?(claude-[a-z0-9.-]+?)(?:-(\d{8}))?(?:-v\d+(?::\d+)?|-latest)*(?:@(?:(\d{8})|default|latest))?$`)

// modelAlias is how the Messages API also calls the first of a generation.
var modelAlias = regexp.MustCompile(`^(claude-[a-z]+-\d{1,2})-0$`)
