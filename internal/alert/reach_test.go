package alert

import (
	"math"
	"math/big"
	"testing"

	"tollgate"
)

func TestReaches(t *testing.T) {
	for _, test := range []struct {
		spent, limit tollgate.Money
		percent      int
		want         bool
	}{
		{79, 100, 80, false},
		{80, 100, 80, true},
		{799_999_999, tollgate.Dollar, 80, false},
		{800_000_000, tollgate.Dollar, 80, true},
		{0, 100, 1, false},
		{0, 0, 100, false}, // nothing allowed and nothing spent is no news
		{1, 0, 100, true},
		{1, 0, 1000, true},
		{-5, 100, 1, false},
		{math.MaxInt64, math.MaxInt64, 100, true},
		{math.MaxInt64 - 1, math.MaxInt64, 100, false},
		{math.MaxInt64, math.MaxInt64, 101, false},
		{math.MaxInt64, 1, 1000, true},
	} {
		if got := reaches(test.spent, test.limit, test.percent); got != test.want {
			t.Errorf("%d of %d reaches %d %%: %v", test.spent, test.limit, test.percent, got)
		}
	}
}

func FuzzReaches(f *testing.F) {
	f.Add(int64(80), int64(100), uint16(80))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), uint16(1000))
	f.Fuzz(func(t *testing.T, spent, limit int64, percent uint16) {
		if spent <= 0 || limit <= 0 {
			return
		}
		left := new(big.Int).Mul(big.NewInt(spent), big.NewInt(100))
		right := new(big.Int).Mul(big.NewInt(limit), big.NewInt(int64(percent)))
		if got := reaches(tollgate.Money(spent), tollgate.Money(limit), int(percent)); got != (left.Cmp(right) >= 0) {
			t.Errorf("%d of %d reaches %d %%: %v", spent, limit, percent, got)
		}
	})
}

func TestHighest(t *testing.T) {
	configured := []int{50, 100, 80}
	for name, test := range map[string]struct {
		dollars float64
		own     []int
		want    int
	}{
		"below all":            {49.99, nil, 0},
		"the first":            {50, nil, 50},
		"several":              {99, nil, 80},
		"all":                  {500, nil, 100},
		"its own":              {49, []int{10, 40, 60}, 40},
		"its own above":        {250, []int{300, 200}, 200},
		"its own, of which no": {250, []int{}, 0},
	} {
		s := state(test.dollars)
		s.Budget.Alerts = test.own
		if got := highest(&s, configured); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}
