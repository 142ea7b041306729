package main

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"
)

func newConfigReload() *cobra.Command {
	var admin adminFlags
	var out output
	return admin.add(out.add(&cobra.Command{
		Use:   "reload",
		Short: "Have the running gateway read its configuration again",
		Long: "Has the running gateway read its configuration again. What is read takes effect for requests that\n" +
			"arrive from then on; answers under way end as they began. If there is a mistake, each is named with\n" +
			"its line and nothing changes.",
		Example: "  tollgate config reload --data-dir /var/lib/tollgate",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			done, err := gateway.Reload(cmd.Context())
			if err != nil {
				return err
			}
			return out.list(cmd, done, table{rows: [][]string{
				{"changed", cmp.Or(strings.Join(done.Changed, ", "), "nothing")},
				{"after a restart", cmp.Or(strings.Join(done.NeedRestart, ", "), "nothing more")},
			}})
		},
	}))
}
