package meter

import (
	"errors"
	"time"

	"tollgate"
)

// problems collects what is wrong with something a person wrote, so that all
// of it can be said at once.
type problems []tollgate.Problem

func (p *problems) add(path, message, remedy string) {
	*p = append(*p, tollgate.Problem{Path: path, Message: message, Remedy: remedy})
}

// nano reads a decimal in billionths.
func (p *problems) nano(path string, written Decimal) int64 {
	n, err := written.nano()
	if err != nil {
		p.add(path, err.Error(), "write a decimal number such as 1.1")
	}
	return n
}

// factor judges a multiplier.
func (p *problems) factor(path string, written Decimal) {
	if _, err := factor(written); err != nil {
		p.add(path, err.Error(), "write a number above 0 and at most 10, such as 0.9")
	}
}

// midnight reads a day.
func (p *problems) midnight(path string, written Date) time.Time {
	at, err := written.midnight()
	if err != nil {
		p.add(path, err.Error(), "write year-month-day")
	}
	return at
}

// err is the first of them, nil when there are none.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return errors.New(p[0].String())
}
