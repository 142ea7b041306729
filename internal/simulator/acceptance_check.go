package simulator

import "strings"

type acceptance struct{}

var acceptances = map[Provider]*acceptance{}

func (a *acceptance) objection(*visit, *conversation) string { return "" }
func (v *visit) betasSent() []string {
	var list []string
	for name := range strings.SplitSeq(strings.Join(v.request.Header.Values("Anthropic-Beta"), ","), ",") {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list
}
