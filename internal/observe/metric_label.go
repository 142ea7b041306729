package observe

import (
	"net/http"
	"strconv"
)

// other is the label of what has none of its own.
const other = "other"

// modelLabel is the one word for a model that the configuration or the price
// book knows. The empty model is that of a request that named none.
func (m *Metrics) modelLabel(asked string) string {
	if asked == "" {
		return ""
	}
	if label, ok := (*m.model.Load())(asked); ok {
		return label
	}
	return other
}

// boundStatus is the status itself where it has a meaning of its own, or else
// the first of its class: providers may answer with any number.
func boundStatus(status int) int {
	if http.StatusText(status) != "" || status == 499 || status == 529 {
		return status
	}
	return -(status / 100)
}

// codeLabel writes what boundStatus returns: "529", "5xx".
func codeLabel(bounded int) string {
	if bounded > 0 {
		return strconv.Itoa(bounded)
	}
	return strconv.Itoa(-bounded) + "xx"
}
