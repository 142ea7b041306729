package store

import "strings"

// conditions collects what a row must fulfil, with the values bound beside it.
type conditions struct {
	terms []string
	args  []any
}

// and adds a condition. term is ours, never a user's.
func (c *conditions) and(term string, args ...any) {
	c.terms = append(c.terms, term)
	c.args = append(c.args, args...)
}

// oneOf adds the condition that a column has one of the values, unless there is
// none.
func (c *conditions) oneOf(column string, values []any) {
	if len(values) > 0 {
		c.and(column+" IN ("+placeholders(len(values))+")", values...)
	}
}

// also adds all conditions of another.
func (c *conditions) also(more conditions) {
	c.terms = append(c.terms, more.terms...)
	c.args = append(c.args, more.args...)
}

// where is the clause, empty when every row will do.
func (c *conditions) where() string {
	if len(c.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.terms, " AND ")
}
