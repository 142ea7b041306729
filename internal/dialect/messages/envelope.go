// Package messages is the Anthropic Messages dialect as a client speaks it:
// what the gateway reads from a request, and how it says no.
//
// It reads four members of a body and models nothing else. Bodies are never
// decoded into types and never written anew; a member it does not know is
// none of its business.
package messages

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tollgate"
	"tollgate/internal/dialect"
	"tollgate/internal/jsonedit"
)

// maxUserID is more than metadata.user_id is long, in bytes; a longer one is
// not looked into.
const maxUserID = 4 << 10

// maxAttribute bounds what a client may put into one attribute of the ledger,
// in bytes. The longest that Claude Code sends is a device id of 64.
const maxAttribute = 256

// Read finds in a body what the gateway has to know, whichever dialect it is
// written in: what that keeps elsewhere is not in it. named is the model where
// the path has named it; the body need not then, and is not asked. The errors
// are Invalid, with a sentence for the developer.
func Read(body *jsonedit.Object, named string) (tollgate.Call, error) {
	call := tollgate.Call{Model: named}
	models, bounds := 0, 0
	if named != "" {
		models = 1
	}
	for member, err := range body.Members() {
		if err != nil {
			return call, tollgate.Errorf(tollgate.Invalid, "the request body is not a JSON object; send one as the Messages API describes it")
		}
		switch {
		case named == "" && member.Is("model"):
			models++
			if call.Model, err = modelName(member); err != nil {
				return call, err
			}
		case member.Is("stream"):
			call.Stream = string(member.Value) == "true"
		case member.Is("max_tokens"):
			bounds++
			call.MaxTokens, _ = strconv.ParseInt(string(member.Value), 10, 64)
		case member.Is("anthropic_version"):
			version, _ := member.Text()
			call.Version = dialect.Neutral(version)
		case member.Is("anthropic_beta"):
			call.Betas = betas(member.Value)
		case member.Is("metadata"):
			call.Device, call.Account = identities(member.Value)
		case member.Is("billing_policy"):
			return call, tollgate.Errorf(tollgate.Forbidden, "billing_policy: it would move the bill away from who this gateway accounts to; leave it out")
		}
	}
	if bounds > 1 {
		call.MaxTokens = 0 // which of them counts is not known here
	}
	switch models {
	case 0:
		return call, tollgate.Errorf(tollgate.Invalid, "model: this member is missing from the request body")
	case 1:
		return call, nil
	}
	return call, tollgate.Errorf(tollgate.Invalid, "model: it stands more than once in the request body; send it once, since which of them counts decides what is allowed")
}

// betas are the texts of a list.
func betas(list []byte) (names []string) {
	for element := range jsonedit.Elements(list) {
		if name, ok := jsonedit.Text(element); ok {
			names = append(names, name)
		}
	}
	return names
}

func modelName(member jsonedit.Member) (string, error) {
	if len(member.Value) > maxAttribute {
		return "", tollgate.Errorf(tollgate.Invalid, "model: is longer than the %d bytes that any model's name has", maxAttribute)
	}
	name, ok := member.Text()
	if !ok || name == "" {
		return "", tollgate.Errorf(tollgate.Invalid, "model: must be a non-empty string")
	}
	return name, nil
}

// identities finds the device and the account inside metadata.user_id, which
// Claude Code sends as a string that holds JSON (client-behaviour.md 1,
// 2026-11-23).
func identities(metadata []byte) (device, account string) {
	member, ok := jsonedit.Find(metadata, "user_id")
	if !ok || len(member.Value) > maxUserID {
		return "", ""
	}
	userID, _ := member.Text()
	for member, err := range jsonedit.Members([]byte(userID)) {
		switch {
		case err != nil:
		case member.Is("device_id"):
			device, _ = member.Text()
		case member.Is("account_uuid"):
			account, _ = member.Text()
		}
	}
	return Attribute(device), Attribute(account)
}

// Attribute makes text that a client sent fit for a column of the ledger:
// bounded, printable, without a key's secret, and a copy, so that it does not
// keep alive the megabytes it may have been cut from.
func Attribute(text string) string {
	if len(text) > maxAttribute+maxKey {
		text = text[:maxAttribute+maxKey] // room for a key that begins before the bound
	}
	text = tollgate.HideKeys(text)
	if len(text) > maxAttribute {
		text = text[:maxAttribute]
	}
	if plain(text) {
		return strings.Clone(text)
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// maxKey is more than the length of a gateway key.
const maxKey = 64

func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= 0x7f {
			return false
		}
	}
	return true
}
