package simulator

import "net/http"

// named finds the model of the call, or answers that there is none.
func (v *visit) named(c *conversation) bool {
	if v.asked != nil {
		c.Model, c.Stream = v.asked.model, v.asked.stream
		return true
	}
	if v.face.model == nil || c.Model == "" {
		return true
	}
	model, ok := v.face.model(c.Model)
	if !ok {
		v.error(v.face.stranger, "model: "+c.Model)
		return false
	}
	c.Model = model
	return true
}

// acceptable says whether the provider takes a call like this; otherwise it has answered.
func (v *visit) acceptable(c *conversation) bool {
	v.betas = v.betasSent()
	if v.face.accept == nil {
		return true
	}
	if problem := v.face.accept.objection(v, c); problem != "" {
		v.error(http.StatusBadRequest, problem)
		return false
	}
	return true
}
