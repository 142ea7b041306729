package messages

import (
	"encoding/json"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// Address puts the upstream's own name for the model into a body that Read has
// accepted. Where the names are the same, the body is returned as it is;
// otherwise a copy, and what was changed in it, for the record.
func Address(body []byte, call tollgate.Call, model string) (addressed []byte, splices []string) {
	if model == call.Model {
		return body, nil
	}
	member, ok := jsonedit.Find(body, "model")
	name, err := json.Marshal(model)
	if !ok || err != nil {
		panic("messages: Address was given a body that Read did not accept")
	}
	return jsonedit.Replace(body, member, name), []string{"model: " + string(member.Value) + " → " + string(name)}
}
