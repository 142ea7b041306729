package tollgate

import (
	"math"
	"testing"
)

func TestMoneyReadsWhatItWrites(t *testing.T) {
	for text, want := range map[string]Money{
		"$0.00":                 0,
		"$5.00":                 5 * Dollar,
		"$0.0188":               18_800_000,
		"$0.000000001":          1,
		"-$0.000000001":         -1,
		"-$12.50":               -12_500_000_000,
		"$9223372036.854775807": math.MaxInt64,
	} {
		got, err := ParseMoney(text)
		if err != nil || got != want {
			t.Errorf("ParseMoney(%q) = %d, %v", text, got, err)
		}
		if want.String() != text {
			t.Errorf("%d prints as %s, want %s", int64(want), want, text)
		}
	}
	if Money(math.MinInt64).String() != "-$9223372036.854775808" {
		t.Errorf("the least amount prints as %s", Money(math.MinInt64))
	}
}

func TestParseMoney(t *testing.T) {
	for text, want := range map[string]Money{"500": 500 * Dollar, ".5": Dollar / 2, " 4.40 ": 4_400_000_000, "3.": 3 * Dollar} {
		if got, err := ParseMoney(text); err != nil || got != want {
			t.Errorf("ParseMoney(%q) = %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "$", ".", "x", "1,5", "1.0000000001", "1e3", "0x1", "--1", "9223372036.854775808", "1.2.3"} {
		if got, err := ParseMoney(text); err == nil {
			t.Errorf("ParseMoney(%q) = %d, want an error", text, got)
		}
	}
}

func FuzzParseMoney(f *testing.F) {
	f.Add("$12.50")
	f.Add("-0.000000001")
	f.Fuzz(func(t *testing.T, text string) {
		money, err := ParseMoney(text)
		if err != nil {
			return
		}
		if again, err := ParseMoney(money.String()); err != nil || again != money {
			t.Fatalf("%q is %d, but %s is %d (%v)", text, money, money, again, err)
		}
	})
}
