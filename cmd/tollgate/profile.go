package main

import (
	"os"
	"runtime/pprof"

	"github.com/spf13/cobra"
)

// profiled gives a command the hidden flag --cpuprofile: where its processor
// time goes, from start to end, in the form that `go tool pprof` reads. It is
// a flag, and not a page of the gateway, so that nobody can ask for it from
// outside.
func profiled(command *cobra.Command) *cobra.Command {
	file := command.Flags().String("cpuprofile", "", "write a CPU profile to `FILE`")
	command.Flags().MarkHidden("cpuprofile")
	run := command.RunE
	command.RunE = func(cmd *cobra.Command, args []string) error {
		if *file == "" {
			return run(cmd, args)
		}
		out, err := os.OpenFile(*file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer out.Close()
		if err := pprof.StartCPUProfile(out); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
		return run(cmd, args)
	}
	return command
}
