package main

import (
	"github.com/spf13/cobra"

	"tollgate"
	"tollgate/api"
)

// scopeHelp says what a SCOPE is.
const scopeHelp = "SCOPE is org, team:NAME, developer:EMAIL, service:NAME or key:ID."

// budgetFlags describe a budget on the command line.
type budgetFlags struct {
	amount string
	soft   bool
	rule   api.NewBudget
}

func (f *budgetFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.amount, "amount", "", "how much, in `dollars`, such as 500 or 12.50; 0 allows nothing")
	flags.StringVar(&f.rule.Period, "period", "", "how `long` it lasts before it begins anew, in the organisation's time zone: day, week (from Monday), month or total")
	flags.BoolVar(&f.rule.Each, "each", false, "every member has the amount for itself: of org and of a team each developer and service, of these each key")
	flags.BoolVar(&f.soft, "soft", false, "refuse nothing, only tell")
	flags.StringVar(&f.rule.Enforce, "enforce", "expected", "what is held for a request under way: expected or strict, as `kind`")
	flags.Var(percentages{&f.rule.AlertAt}, "alert-at", "`percentages` of the limit at which somebody is told, such as 50,80,100, or none (default: those of the configuration)")
	addModels(cmd, &f.rule.Models)
}

// addModels puts the globs of a rule on a command.
func addModels(cmd *cobra.Command, globs *[]string) {
	cmd.Flags().StringArrayVar(globs, "models", nil, "`glob` of models it is about, such as 'claude-opus-*'; may be repeated (default: all)")
}

// budget is what the flags say.
func (f *budgetFlags) budget(cmd *cobra.Command, scope string) (api.NewBudget, error) {
	if err := demand(cmd, "a budget", "amount", "period"); err != nil {
		return api.NewBudget{}, err
	}
	amount, err := sum("--amount", f.amount)
	if err != nil {
		return api.NewBudget{}, err
	}
	budget := f.rule
	budget.Scope, budget.AmountNanoUSD = scope, int64(amount)
	budget.Hard = new(!f.soft)
	return budget, nil
}

// sum reads a flag that is an amount of money, which is never negative.
func sum(flag, text string) (tollgate.Money, error) {
	amount, err := tollgate.ParseMoney(text)
	if err != nil {
		return 0, misuse("%s: %v", flag, err)
	}
	if amount < 0 {
		return 0, misuse("%s cannot be negative, and %q is", flag, text)
	}
	return amount, nil
}
