package upstream

// Regional says whether a model runs where the provider asks more for keeping
// it in a region. model is the upstream's own name for it. Of no upstream
// nothing is known, and it is false.
func (u *Upstream) Regional(model string) bool {
	return u != nil && u.regional != nil && u.regional(model)
}
