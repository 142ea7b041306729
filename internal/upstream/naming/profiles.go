package naming

import "tollgate"

// Profiles are the inference profiles of Bedrock under which a model is known
// to be served, by their ids.
func Profiles(model string) (ids []string) {
	name := tollgate.ParseModel(model)
	for _, profile := range find(name.Base).profiles {
		ids = append(ids, profile+"."+bedrockID(name))
	}
	return ids
}
