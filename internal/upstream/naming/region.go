package naming

import "tollgate"

// Regional returns whether a provider in a region asks its regional premium for
// a model of this name of its own: Bedrock for every inference profile but the
// global one and for what is served in the region itself, Google for every
// location but global. What a name of the account's own at Bedrock stands for,
// such as an application profile's, cannot be seen; it counts as regional, so
// that it is never charged too little. Mantle's names and Foundry's do not say,
// and the Messages API itself says so in its answers: for those it is false.
// Source: providers.md 7 and its conflict 12, 2026-11-23.
func Regional(provider, region string) func(model string) bool {
	return func(model string) bool {
		switch provider {
		case "bedrock":
			return tollgate.ParseModel(model).Profile != "global"
		case "vertex":
			return region != "global"
		}
		return false
	}
}
