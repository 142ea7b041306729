package main

import "github.com/spf13/cobra"

// newRootCommand lists every command.
func newRootCommand() *cobra.Command {
	return newGroup("tollgate", "A gateway between an organisation's Claude Code and its model providers",
		profiled(newServeCommand()),
		newDemoCommand(),
		newSimulateCommand(),
		newConfigCommand(),
		newTeamCommand(),
		newDeveloperCommand(),
		newKeyCommand(),
		newUsageCommand(),
		newRequestCommand(),
		newVersionCommand(),
	)
}

// newGroup is a command that does nothing but hold others.
func newGroup(name, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use:           name,
		Short:         short,
		Args:          cobra.NoArgs,
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
