package main

import (
	"github.com/spf13/cobra"

	"tollgate/api"
)

func newBudgetRaise(admin *adminFlags) *cobra.Command {
	var out output
	var raise api.NewRaise
	var by string
	cmd := out.add(&cobra.Command{
		Use:   "raise ID --by DOLLARS --until WHEN --reason TEXT",
		Short: "Put a sum on top of a budget, for a while",
		Long: "Put a sum on top of a budget's amount. It is in force when the command returns, ends by itself, and\n" +
			"\"budget show\" keeps telling of it: how much, until when, why, by whom. Two raises add up. Each period\n" +
			"until then has the sum: a daily budget has it every day. A raise cannot be taken back: remove the\n" +
			"budget and set it again.",
		Example: "  tollgate budget raise bgt_4Zk7Qm1xYb2P --by 200 --until 2026-12-01 --reason 'release week'\n" +
			"  tollgate budget raise bgt_4Zk7Qm1xYb2P --by 20 --until 12h --reason incident --member developer:ada@example.com",
		Args: one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := demand(cmd, "a raise", "by", "until", "reason"); err != nil {
				return err
			}
			amount, err := sum("--by", by)
			if err != nil {
				return err
			}
			raise.ByNanoUSD = int64(amount)
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			raised, err := gateway.RaiseBudget(cmd.Context(), args[0], raise)
			if err != nil {
				return err
			}
			return out.budget(cmd, raised)
		},
	})
	flags := cmd.Flags()
	flags.StringVar(&by, "by", "", "how much, in `dollars`")
	flags.StringVar(&raise.Until, "until", "", "`when` it ends: a date, at its beginning, or a span such as 12h, 3d or 2w")
	flags.StringVar(&raise.Reason, "reason", "", "why, as `text` for those who look at it later")
	flags.StringVar(&raise.Member, "member", "", "whom it is for, as `scope`, where the budget is for each member (default: all)")
	return cmd
}
