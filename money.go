package tollgate

import (
	"fmt"
	"math"
	"strings"
)

// Money is an amount in nano-dollars (10⁻⁹ USD). It is an integer everywhere:
// in memory, in the ledger and on the wire. 1 USD is 1,000,000,000; the range
// is about ±9.2 billion dollars.
type Money int64

// Dollar is one US dollar.
const Dollar Money = 1_000_000_000

// String writes the exact amount in dollars with at least two decimals:
// "$0.0188", "$5.00", "-$0.000000001".
func (m Money) String() string {
	sign, magnitude := "", uint64(m)
	if m < 0 {
		sign, magnitude = "-", -magnitude
	}
	whole, rest := magnitude/uint64(Dollar), magnitude%uint64(Dollar)
	decimals := strings.TrimRight(fmt.Sprintf("%09d", rest), "0")
	for len(decimals) < 2 {
		decimals += "0"
	}
	return fmt.Sprintf("%s$%d.%s", sign, whole, decimals)
}

// Rounded writes the amount for people: in whole cents, or with as many decimals
// as it takes to show the first digit of less than a cent that is not zero.
func (m Money) Rounded() string {
	unit := Dollar / 100
	for unit > 1 && m != 0 && m.abs() < unit {
		unit /= 10
	}
	half := unit / 2
	if m < 0 {
		half = -half
	}
	if m.abs() > math.MaxInt64-unit {
		return m.String()
	}
	return ((m + half) / unit * unit).String()
}

func (m Money) abs() Money {
	if m < 0 && m > math.MinInt64 {
		return -m
	}
	return m
}

// ParseMoney reads a decimal number of dollars such as "500", "$4.40" or
// "0.000000001". More than nine decimals are refused: they cannot be kept
// exactly.
func ParseMoney(text string) (Money, error) {
	digits, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	digits = strings.TrimPrefix(digits, "$")
	whole, decimals, _ := strings.Cut(digits, ".")
	if whole == "" && decimals == "" || len(decimals) > 9 {
		return 0, fmt.Errorf("%q is not an amount in dollars with at most nine decimals", text)
	}
	decimals += strings.Repeat("0", 9-len(decimals))
	var sum int64
	for _, digit := range whole + decimals {
		if digit < '0' || digit > '9' {
			return 0, fmt.Errorf("%q is not an amount in dollars", text)
		}
		if sum > (math.MaxInt64-int64(digit-'0'))/10 {
			return 0, fmt.Errorf("%q is more money than tollgate can count", text)
		}
		sum = sum*10 + int64(digit-'0')
	}
	if negative {
		sum = -sum
	}
	return Money(sum), nil
}
