// Package naming knows what each provider calls a model. It is data and a few
// rules for what the data does not have; names that the operator configured go
// before it, elsewhere. It never turns one snapshot into another: a date that is
// not the known one is passed on, for the provider to refuse.
package naming

import (
	"slices"

	"tollgate"
)

// NoProfile is the word for Bedrock without an inference profile: what is
// served in the region itself.
const NoProfile = "none"

// For returns what a provider in a region calls a model, from any of the
// model's spellings. profile is the geography of Bedrock's inference profiles,
// empty for the nearest one there is. A name that is not of the family comes
// back as it is.
func For(provider, region, profile string) func(model string) string {
	switch provider {
	case "bedrock":
		return family(func(n tollgate.ModelName) string { return prefix(n, region, profile) + bedrockID(n) })
	case "bedrock-mantle":
		return family(func(n tollgate.ModelName) string { return vendor + dateless(n) })
	case "vertex":
		return family(vertexID)
	case "foundry":
		return family(dateless)
	default: // the Messages API itself, wherever it is served
		return family(nil)
	}
}

// vendor stands before a model's name at Amazon.
const vendor = "anthropic."

// family applies a spelling to the names of the family. Where there is none, a
// name that the Messages API knows stays as it was written.
func family(spell func(tollgate.ModelName) string) func(string) string {
	return func(model string) string {
		name := tollgate.ParseModel(model)
		switch {
		case !name.Claude():
			return model
		case spell != nil:
			return spell(name)
		case spelledByAPI(tollgate.BareModel(model), name):
			return model
		}
		return name.String()
	}
}

// spelledByAPI: an id, or an alias of one.
func spelledByAPI(model string, name tollgate.ModelName) bool {
	return model == name.String() || model == name.Base+"-0" || model == name.Base+"-latest"
}

// dateless is the base alone, unless the name asks for a snapshot that nobody
// has heard of.
func dateless(n tollgate.ModelName) string {
	if n.Date == find(n.Base).snapshot {
		return n.Base
	}
	return n.String()
}

// vertexID writes the date behind an @, for the models that have one.
func vertexID(n tollgate.ModelName) string {
	if n.Date == "" {
		n.Date = find(n.Base).snapshot
	}
	if n.Date == "" {
		return n.Base
	}
	return n.Base + "@" + n.Date
}

func bedrockID(n tollgate.ModelName) string {
	known := find(n.Base)
	switch n.Date {
	case "", known.snapshot:
		n.Date = known.snapshot
		return vendor + n.String() + known.revision
	default:
		return vendor + n.String() + "-v1:0" // of every dated id that is known
	}
}

// prefix is the inference profile's, with its full stop.
func prefix(n tollgate.ModelName, region, profile string) string {
	switch profile {
	case NoProfile:
		return ""
	case "":
		profile = nearest(region, find(n.Base).profiles)
	}
	return profile + "."
}

// nearest is the profile closest to a region that a model has. Where it has
// none, that is the one to expect there: the provider's answer then says what is
// missing.
func nearest(region string, profiles []string) string {
	wanted := near(region)
	for _, one := range wanted {
		if slices.Contains(profiles, one) {
			return one
		}
	}
	return wanted[0]
}
