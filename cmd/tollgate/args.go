package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// none accepts no arguments. To a command that only holds others, whatever
// was written is a command that is not there.
func none(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return misuse("%s has no command %q; there are: %s", cmd.CommandPath(), args[0], strings.Join(commandNames(cmd), ", "))
	default:
		return misuse("%s takes no arguments, but %q is one", cmd.CommandPath(), args[0])
	}
}

func commandNames(cmd *cobra.Command) (names []string) {
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() {
			names = append(names, below.Name())
		}
	}
	return names
}

// one accepts exactly one argument, which the help calls by this name.
func one(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return misuse("%s needs to be told the %s", cmd.CommandPath(), name)
		case len(args) > 1:
			return misuse("%s takes one %s, but %q is a second; put quotes around one with spaces", cmd.CommandPath(), name, args[1])
		case args[0] == "":
			return misuse("the %s is empty; check the variable that it comes from", name)
		}
		return nil
	}
}

// oneOrNone is the rule of commands that are about one thing, or about all of
// its kind.
func oneOrNone(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return misuse("%s takes one %s or none, not %d", cmd.CommandPath(), name, len(args))
		}
		return nil
	}
}
