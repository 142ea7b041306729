package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tollgate/docs/reference"
	"tollgate/internal/config"
)

func newConfigCommand() *cobra.Command {
	return newGroup("config", "The configuration file", "tollgate config check --config tollgate.yaml",
		newConfigCheck(), newConfigShow(), newConfigReload(), newConfigReference())
}

// configFlag names the configuration file.
type configFlag struct{ path string }

// add puts the flag on a command.
func (f *configFlag) add(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&f.path, "config", "", "configuration `FILE` (default: none, which needs $ANTHROPIC_API_KEY)")
	return cmd
}

func newConfigCheck() *cobra.Command {
	var flag configFlag
	var out output
	return flag.add(out.add(&cobra.Command{
		Use:   "check",
		Short: "Find every mistake at once",
		Long: "Reads the configuration as \"tollgate serve\" would and names every mistake with its line and\n" +
			"what to do about it. Nothing is started and nothing outside this machine is asked.",
		Example: "  tollgate config check --config tollgate.yaml",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := loadConfig(flag.path)
			if out.json {
				return errors.Join(printJSON(cmd.OutOrStdout(), newVerdict(flag.path, err)), err)
			}
			if err != nil {
				return err
			}
			return summarise(cmd.OutOrStdout(), found)
		},
	}))
}

// verdict is what check prints as JSON.
type verdict struct {
	File     string    `json:"file,omitempty"`
	OK       bool      `json:"ok"`
	Problems []problem `json:"problems"`
}

// problem is a tollgate.Problem as JSON.
type problem struct {
	Path    string `json:"path,omitempty"`
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
}

func newVerdict(file string, err error) verdict {
	v := verdict{File: file, OK: err == nil, Problems: []problem{}}
	if wrong, ok := errors.AsType[*config.Error](err); ok {
		for _, found := range wrong.Problems {
			v.Problems = append(v.Problems, problem(found))
		}
	}
	return v
}

// summarise says in a few lines what a good configuration amounts to.
func summarise(w io.Writer, c *config.Config) error {
	upstreams := make([]string, len(c.Upstreams))
	for i, upstream := range c.Upstreams {
		upstreams[i] = fmt.Sprintf("%s (%s)", upstream.Name, upstream.BaseURL)
	}
	routes := "every claude-* to the upstreams in order"
	if len(c.Routes) > 0 {
		routes = fmt.Sprint(len(c.Routes))
	}
	admin := "the socket in " + c.DataDir
	if c.Admin.Address != "" {
		admin += ", and " + c.Admin.Address
	}
	fmt.Fprintln(w, "ok")
	return table{rows: [][]string{
		{"listen", c.Listen.Address},
		{"admin", admin},
		{"upstreams", strings.Join(upstreams, ", ")},
		{"routes", routes},
	}}.print(w)
}

func newConfigShow() *cobra.Command {
	var flag configFlag
	var out output
	return flag.add(out.add(&cobra.Command{
		Use:   "show",
		Short: "Print what is in force, with secrets masked",
		Long: "Prints the configuration with every default filled in, as YAML or as JSON. What is not set is\n" +
			"left out. References are resolved, and secrets are masked.",
		Example: "  tollgate config show --config tollgate.yaml\n  tollgate config show --json",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := loadConfig(flag.path)
			if err != nil {
				return err
			}
			if out.json {
				return printJSON(cmd.OutOrStdout(), found)
			}
			text, err := found.YAML()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}))
}

func newConfigReference() *cobra.Command {
	return &cobra.Command{
		Use:     "reference",
		Short:   "Print the reference page, in Markdown",
		Example: "  tollgate config reference | less",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), reference.Configuration)
			return err
		},
	}
}
