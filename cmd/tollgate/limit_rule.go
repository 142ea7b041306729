package main

import (
	"github.com/spf13/cobra"

	"tollgate/api"
)

// limitFlags describe a limit on the command line.
type limitFlags struct{ rule api.NewLimit }

func (f *limitFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Var(figure{&f.rule.RequestsPerMinute}, "requests-per-minute", "at most `N` requests a minute, without those to count_tokens")
	flags.Var(figure{&f.rule.InputTokensPerMinute}, "input-tokens-per-minute", "at most `N` tokens of prompts a minute, without those read from a cache")
	flags.Var(figure{&f.rule.OutputTokensPerMinute}, "output-tokens-per-minute", "at most `N` tokens of answers a minute")
	flags.Var(figure{&f.rule.Concurrent}, "concurrent", "at most `N` requests under way, without those to count_tokens")
	flags.Var(figure{&f.rule.CountTokensPerMinute}, "count-tokens-per-minute", "at most `N` requests to count_tokens a minute")
	flags.BoolVar(&f.rule.Each, "each", false, "every member has the figures for itself: of org and of a team each developer and service, of these each key")
	addModels(cmd, &f.rule.Models)
}

// limit is what the flags say.
func (f *limitFlags) limit(scope string) (api.NewLimit, error) {
	limit := f.rule
	limit.Scope = scope
	for _, set := range []*int64{
		limit.RequestsPerMinute, limit.InputTokensPerMinute, limit.OutputTokensPerMinute, limit.Concurrent, limit.CountTokensPerMinute,
	} {
		if set != nil {
			return limit, nil
		}
	}
	return limit, misuse("a limit needs a figure: --requests-per-minute, --input-tokens-per-minute, --output-tokens-per-minute, --concurrent or --count-tokens-per-minute")
}
