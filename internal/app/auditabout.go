package app

import (
	"encoding/hex"
	"encoding/json"

	"tollgate"
)

// object is a JSON object of names and values by turns, in this order. Values are
// texts, numbers and lists of texts.
func object(pairs ...any) json.RawMessage {
	text := []byte{'{'}
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			text = append(text, ',')
		}
		name, _ := json.Marshal(pairs[i])
		value, _ := json.Marshal(pairs[i+1]) // such values always marshal
		text = append(append(append(text, name...), ':'), value...)
	}
	return append(text, '}')
}

func hexOf(hash tollgate.AuditHash) string { return hex.EncodeToString(hash[:]) }
