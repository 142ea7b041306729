package main

import "github.com/spf13/cobra"

// newRootCommand lists every command.
func newRootCommand() *cobra.Command {
	root := newGroup("tollgate", "A gateway between an organisation's Claude Code and its model providers", "tollgate demo",
		profiled(newServeCommand()),
		newDemoCommand(),
		newSimulateCommand(),
		newConfigCommand(),
		newUpstreamCommand(),
		newTeamCommand(),
		newDeveloperCommand(),
		newKeyCommand(),
		newKeyHelperCommand(),
		newBudgetCommand(),
		newLimitCommand(),
		newUsageCommand(),
		newRequestCommand(),
		newLedgerCommand(),
		newAuditCommand(),
		newDoctorCommand(),
		newRolloutCommand(),
		newVersionCommand(),
	)
	root.SetHelpCommand(newHelpCommand())
	root.Version = versionText()
	root.SetVersionTemplate("tollgate {{.Version}}\n")
	root.SetFlagErrorFunc(explainFlag)
	root.PersistentPreRunE = refuseEmpty
	return root
}

// newGroup is a command that does nothing but hold others. The example is one
// line.
func newGroup(name, short, example string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use:           name,
		Short:         short,
		Example:       "  " + example,
		Args:          none,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return misuse("%s needs to be told what to do", cmd.CommandPath())
		},
	}
	group.CompletionOptions.HiddenDefaultCmd = true
	group.AddCommand(commands...)
	return group
}
