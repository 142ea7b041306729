package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newBudgetCommand() *cobra.Command {
	var admin adminFlags
	return admin.add(newGroup("budget", "How much money may be spent", "tollgate budget set team:platform --amount 500 --period month",
		newBudgetSet(&admin), newBudgetList(&admin), newBudgetShow(&admin), newBudgetRemove(&admin),
		newBudgetRaise(&admin), newBudgetPreview(&admin), newAlertTest(&admin)))
}

func newBudgetSet(admin *adminFlags) *cobra.Command {
	var out output
	var rule budgetFlags
	cmd := out.add(&cobra.Command{
		Use:   "set SCOPE --amount DOLLARS --period day|week|month|total",
		Short: "Set a budget, or change the one that is there",
		Long: "Set a budget. What is spent in the current period counts, also what was spent before the budget\n" +
			"was set. The one that is there for the same scope, period, models, --each and --soft takes the amount,\n" +
			"--enforce and --alert-at, and keeps its id and its raises. All three are set anew: without --enforce strict\n" +
			"it is expected from then on, also if it was strict. It is in force when the command returns.\n\n" + scopeHelp + "\n\n" +
			"A hard budget refuses what has no room in it. What a request will cost is not known before it ends,\n" +
			"so that money is held for it meanwhile: what such requests have cost lately (--enforce expected), or\n" +
			"the most that it can cost (strict). Spend never passes a strict budget; it passes an expected one by\n" +
			"at most what the requests under way cost beyond what was held for them.",
		Example: "  tollgate budget set org --amount 20000 --period month\n" +
			"  tollgate budget set team:platform --amount 40 --period day --each --alert-at 80,100\n" +
			"  tollgate budget set service:nightly --amount 500 --period total --enforce strict --models 'claude-opus-*'",
		Args: one("SCOPE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			budget, err := rule.budget(cmd, args[0])
			if err != nil {
				return err
			}
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			set, err := gateway.SetBudget(cmd.Context(), budget)
			if err != nil {
				return err
			}
			return out.budget(cmd, set)
		},
	})
	rule.add(cmd)
	return cmd
}

func newBudgetList(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:   "list",
		Short: "List budgets and where they stand",
		Long: "List budgets and where they stand in their current period. Where the amount is for each member, what\n" +
			"was spent and is held is the sum over all, and the percentage is that of the fullest.",
		Example: "  tollgate budget list",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			budgets, err := gateway.Budgets(cmd.Context())
			if err != nil {
				return err
			}
			return out.list(cmd, budgets, budgetTable(budgets.Data))
		},
	})
}

func newBudgetShow(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "show ID",
		Short:   "Show one budget, its raises and where its members stand",
		Example: "  tollgate budget show bgt_4Zk7Qm1xYb2P",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			budget, err := gateway.Budget(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return out.budget(cmd, budget)
		},
	})
}

func newBudgetRemove(admin *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "remove ID",
		Short:   "Remove a budget",
		Long:    "Remove a budget. What was spent from it stays in the ledger.",
		Example: "  tollgate budget remove bgt_4Zk7Qm1xYb2P",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			if err := gateway.RemoveBudget(cmd.Context(), args[0]); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Budget %s is removed.\n", args[0])
			return nil
		},
	}
}
