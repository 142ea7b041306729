package simulator

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
)

// segment is one piece of a prompt in the order in which a model reads it:
// a tool, a system block or a content block.
type segment struct {
	tokens int64         // of this piece
	prefix [32]byte      // digest of everything up to and with this piece
	mark   *cacheControl // set where the client asks for the prefix to be cached
}

// bytesPerToken is a rule of thumb for English.
const bytesPerToken = 4

// estimate is the tokens in so many bytes, and never nothing.
func estimate(size int) int64 { return max(1, int64(size+bytesPerToken-1)/bytesPerToken) }

// segments cuts the prompt into its pieces: tools, system, messages.
func (c *conversation) segments() []segment {
	var all []segment
	var prefix [32]byte
	add := func(role string, content []byte, mark *cacheControl) {
		digest := sha256.New()
		digest.Write(prefix[:])
		digest.Write([]byte(role + "\x00"))
		digest.Write(content)
		digest.Sum(prefix[:0])
		all = append(all, segment{tokens: estimate(len(content)), prefix: prefix, mark: mark})
	}
	for _, one := range c.Tools {
		add("tool", canonical(one.raw), one.CacheControl)
	}
	for _, one := range c.System {
		add("system", one.canonical(), one.CacheControl)
	}
	for _, turn := range c.Messages {
		for _, one := range turn.Content {
			add(turn.Role, one.canonical(), one.CacheControl)
		}
	}
	if c.CacheControl != nil && len(all) > 0 {
		all[len(all)-1].mark = c.CacheControl
	}
	return all
}

// canonical is the block's content without its cache mark: a text is the same
// whether it is written as a string or as a block.
func (b block) canonical() []byte {
	if b.Type == "text" {
		return []byte(b.Text)
	}
	return canonical(b.raw)
}

func canonical(raw []byte) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return raw
	}
	delete(members, "cache_control")
	return mustJSON(members)
}

func (s *Simulator) countTokens(v *visit) {
	v.operation = CountTokens
	c, ok := v.conversation()
	if !ok || s.misbehaved(v, c) {
		return
	}
	var total int64
	for _, piece := range c.segments() {
		total += piece.tokens
	}
	name := "input_tokens"
	if v.face.name == Bedrock {
		name = "inputTokens"
	}
	v.json(http.StatusOK, object{name, total})
}
