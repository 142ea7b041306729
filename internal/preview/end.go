package preview

import (
	"time"

	"tollgate"
)

// end is the end of a request, which is to come.
type end struct {
	at     time.Time
	x      *tollgate.Exchange
	settle func()
}

// ends is a heap of them, the next one on top.
type ends []end

func (e ends) Len() int           { return len(e) }
func (e ends) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e ends) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *ends) Push(one any)      { *e = append(*e, one.(end)) }

// Pop takes the last one, and lets its row go.
func (e *ends) Pop() any {
	last := len(*e) - 1
	one := (*e)[last]
	(*e)[last] = end{}
	*e = (*e)[:last]
	return one
}
