package meter

import (
	"math/big"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"tollgate"
)

const fullOverride = `{upstream: eu, model: claude-opus-5-5, input: 4.4, output: 22, cache_write_5m: 5.5, cache_write_1h: 8.8, cache_read: 0.22, from: 2026-11-01}`

func TestConfigReadsDecimalsAsWritten(t *testing.T) {
	config := parseConfig(t, "multiplier: 0.90\nunknown: highest\noverrides: ["+fullOverride+"]")
	if found := config.Validate(); found != nil {
		t.Fatal(found)
	}
	override := config.Overrides[0]
	price := override.price("", new(problems))
	want := tollgate.Rates{Input: 4_400_000_000, Output: 22_000_000_000, CacheWrite5m: 5_500_000_000, CacheWrite1h: 8_800_000_000, CacheRead: 220_000_000}
	if price.Rates != want || price.From.String() != "2026-11-01 00:00:00 +0000 UTC" || !price.Until.IsZero() {
		t.Errorf("got %+v", price)
	}
	if multiplier, err := factor(config.Multiplier); multiplier != 900_000_000 || err != nil {
		t.Errorf("multiplier is %d, %v", multiplier, err)
	}
}

func TestConfigNamesEveryMistakeAtOnce(t *testing.T) {
	for _, test := range []struct {
		yaml string
		want []string // the paths
	}{
		{"", nil},
		{"multiplier: 1.0\nunknown: refuse", nil},
		{"multiplier: 0", []string{"multiplier"}},
		{"multiplier: -1", []string{"multiplier"}},
		{"multiplier: 10.1", []string{"multiplier"}},
		{"multiplier: 1e3", []string{"multiplier"}},
		{"multiplier: 0.1234567891", []string{"multiplier"}},
		{"multiplier: x\nunknown: maybe\noverrides: [{}]", []string{"multiplier", "unknown", "overrides[0].model", "overrides[0]"}},
		{"overrides: [{model: m, input: 1, output: 5}]", []string{"overrides[0]"}},
		{"overrides: [{model: m, input: 1x, output: -5, cache_write_5m: 1, cache_write_1h: 1, cache_read: 1}]", []string{"overrides[0].input", "overrides[0].output"}},
		{"overrides: [" + fullOverride + ", " + strings.Replace(fullOverride, "claude-opus-5-5", "eu.anthropic.claude-opus-5-5", 1) + "]", []string{"overrides[1]"}},
		{"overrides: [" + strings.Replace(fullOverride, "2026-11-01", "2026-13-01", 1) + "]", []string{"overrides[0].from"}},
		{"overrides: [" + strings.Replace(fullOverride, "2026-11-01", "2026-11-01, until: 2026-11-01", 1) + "]", []string{"overrides[0].until"}},
		{"overrides: [" + strings.Replace(fullOverride, "2026-11-01", "2026-11-01, prompt_over: 5, prompt_up_to: 5", 1) + "]", []string{"overrides[0].prompt_up_to"}},
		{"overrides: [" + strings.Replace(fullOverride, "2026-11-01", "2026-11-01, prompt_over: -5", 1) + "]", []string{"overrides[0]"}},
	} {
		var paths []string
		for _, problem := range parseConfig(t, test.yaml).Validate() {
			paths = append(paths, problem.Path)
			if problem.Message == "" || problem.Remedy == "" {
				t.Errorf("%q: a problem without message or remedy: %+v", test.yaml, problem)
			}
		}
		if strings.Join(paths, " ") != strings.Join(test.want, " ") {
			t.Errorf("%q\n got %q\nwant %q", test.yaml, paths, test.want)
		}
	}
}

func parseConfig(t *testing.T, text string) (config Config) {
	t.Helper()
	if err := yaml.Load([]byte(text), &config, yaml.WithKnownFields()); err != nil && text != "" {
		t.Fatal(err)
	}
	return config
}

// FuzzDecimal holds the reader of decimals against big.Rat: what it accepts,
// it reads exactly.
func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"4.4", "0.1", "0.123456789", ".5", "5.", "-1", "$1", "", ".", "1e3", "--1", "9223372036.854775807", "9223372036.854775808", "١"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Decimal(text).nano()
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q was accepted, but is no number", text)
		}
		if want.Mul(want, big.NewRat(unit, 1)).Cmp(big.NewRat(got, 1)) != 0 {
			t.Fatalf("%q was read as %d", text, got)
		}
	})
}
