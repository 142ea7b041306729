package meter

import (
	"fmt"
	"time"

	"tollgate"
)

// Decimal is a decimal number as somebody wrote it, such as "4.40". It stays
// text until it is read into an integer, so that no binary fraction ever
// stands between a price list and a bill. Empty means not given.
type Decimal string

// unit is what the number one is, once it is an integer.
const unit = int64(tollgate.Dollar)

// nano reads the number in billionths: "0.5" is 500,000,000. The sign is
// allowed here; who asks knows whether it makes sense.
func (d Decimal) nano() (int64, error) {
	for _, char := range d {
		if (char < '0' || char > '9') && char != '.' && char != '-' {
			return 0, notDecimal(d)
		}
	}
	amount, err := tollgate.ParseMoney(string(d))
	if err != nil {
		return 0, notDecimal(d)
	}
	return int64(amount), nil
}

func notDecimal(d Decimal) error {
	return fmt.Errorf("%q is not a decimal number with at most nine decimals", string(d))
}

// Date is a day, written 2026-11-01. It begins at midnight UTC. Empty means
// not given.
type Date string

// midnight is when the day begins; the zero time when no day is given.
func (d Date) midnight() (time.Time, error) {
	if d == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a day such as 2026-11-01", string(d))
	}
	return at, nil
}
