package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the build (-ldflags "-X main.version=…").
var version string

// versionText is the build's version, or else what Go knows of the source.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// newVersionCommand is tollgate version.
func newVersionCommand() *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  tollgate version",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out.json {
				return printJSON(cmd.OutOrStdout(), map[string]string{"version": versionText()})
			}
			_, err := cmd.OutOrStdout().Write([]byte("tollgate " + versionText() + "\n"))
			return err
		},
	})
}
