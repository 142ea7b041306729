package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"tollgate"
	"tollgate/internal/rollout"
)

// errFindings ends a check that found something; what it is, has been printed.
var errFindings = errors.New("these settings conflict with the gateway or have drifted from it; see above")

// compared is what a check prints as JSON.
type compared struct {
	File     string            `json:"file"`
	OK       bool              `json:"ok"`
	Findings []rollout.Finding `json:"findings"`
}

func (f *rolloutFlags) runCheck(cmd *cobra.Command) error {
	if f.folder != "" {
		return misuse("--check reads settings and --out writes them; leave one of the two out")
	}
	gateway, credential, err := f.plan(cmd)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(f.check)
	if err != nil {
		return misuse("--check: %v", err)
	}
	found, err := rollout.Read(text)
	if err != nil {
		return fmt.Errorf("%s cannot be checked: %s", f.check, tollgate.AsError(err).Message)
	}
	result := compared{File: f.check, Findings: rollout.Check(found, gateway, credential)}
	result.OK = len(result.Findings) == 0
	if err := f.printCheck(cmd.OutOrStdout(), result); err != nil || result.OK {
		return err
	}
	return errFindings
}

func (f *rolloutFlags) printCheck(w io.Writer, result compared) error {
	if f.out.json {
		if result.OK {
			result.Findings = []rollout.Finding{}
		}
		return printJSON(w, result)
	}
	for _, each := range result.Findings {
		header := ""
		if each.Header != "" {
			header = " (header: " + each.Header + ")"
		}
		fmt.Fprintf(w, "%s: %s%s %s\n  To do: %s.\n", each.Kind, printable(each.Name), header, printable(each.Message), printable(each.Remedy))
	}
	if result.OK {
		fmt.Fprintln(w, "ok: these settings are what this gateway needs")
	}
	return nil
}
