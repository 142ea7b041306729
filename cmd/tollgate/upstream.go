package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tollgate/api"
	"tollgate/client"
)

func newUpstreamCommand() *cobra.Command {
	var admin adminFlags
	return admin.add(newGroup("upstream", "Upstreams: what is configured, what answers, what rests and why", "tollgate upstream check",
		newUpstreamList(&admin), newUpstreamCheck(&admin)))
}

func newUpstreamList(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:   "list",
		Short: "List the upstreams and how they fare",
		Long: "List the upstreams of the configuration in force, in order: where they are, how they know the gateway,\n" +
			"how many models are routed to them, and which of them rest, until when and why. With --json also what each\n" +
			"calls the models, and which parts of requests it takes, with the source of every rule and what was learned.",
		Example: "  tollgate upstream list\n  tollgate upstream list --json",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			found, err := gateway.Upstreams(cmd.Context())
			if err != nil {
				return err
			}
			return out.list(cmd, found, upstreamTable(found.Data))
		},
	})
}

func upstreamTable(upstreams []api.Upstream) table {
	rows := table{header: []string{"NAME", "PROVIDER", "ADDRESS", "CREDENTIAL", "MODELS", "LEARNED", "STATE"}, numbers: map[int]bool{4: true, 5: true}}
	for _, each := range upstreams {
		learned := 0
		for _, rule := range each.Rules {
			if rule.Learned != nil {
				learned++
			}
		}
		rows.rows = append(rows.rows, []string{
			each.Name, each.Provider, each.Address, each.Credential, count(int64(len(each.Models))), count(int64(learned)), restText(each.Rests),
		})
	}
	return rows
}

func restText(rests []api.UpstreamRest) string {
	var texts []string
	for _, each := range rests {
		what := "rests"
		if each.Model != nil {
			what = *each.Model + " rests"
		}
		texts = append(texts, fmt.Sprintf("%s until %s: %s", what, each.Until.UTC().Format(time.RFC3339), each.Why))
	}
	if texts == nil {
		return "in use"
	}
	return strings.Join(texts, "; ")
}

func newUpstreamCheck(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:   "check [NAME]",
		Short: "Ask an upstream, or each, for one token",
		Long: "Ask an upstream, or each, for one token, and say whether it can be reached, takes the gateway's\n" +
			"credential and serves a model that is routed to it, or what to do. A check costs some thousandths of\n" +
			"a cent, which no budget and no row of the ledger counts. The exit status is 1 if one fails.",
		Example: "  tollgate upstream check\n  tollgate upstream check bedrock-eu --json",
		Args:    oneOrNone("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			found, err := checkUpstreams(cmd, gateway, args)
			if err != nil {
				return err
			}
			if err := out.list(cmd, found, upstreamCheckTable(found.Data)); err != nil {
				return err
			}
			return unserved(found.Data)
		},
	})
}

// checkUpstreams checks those that are named, one after the other, or all.
func checkUpstreams(cmd *cobra.Command, gateway *client.Client, names []string) (found api.List[api.UpstreamCheck], err error) {
	if len(names) == 0 {
		all, err := gateway.Upstreams(cmd.Context())
		if err != nil {
			return found, err
		}
		for _, each := range all.Data {
			names = append(names, each.Name)
		}
	}
	for _, name := range names {
		one, err := gateway.CheckUpstream(cmd.Context(), name)
		if err != nil {
			return found, err
		}
		found.Data = append(found.Data, one)
	}
	return found, nil
}

func upstreamCheckTable(checks []api.UpstreamCheck) table {
	rows := table{header: []string{"NAME", "MODEL", "REACHED", "CREDENTIAL", "SERVED", "STATUS", "MS", "REMEDY"}, numbers: map[int]bool{6: true}}
	for _, each := range checks {
		status := "-"
		if each.Status != nil {
			status = fmt.Sprint(*each.Status)
		}
		rows.rows = append(rows.rows, []string{
			each.Upstream, textOr(each.Name), yes(each.Reachable), yes(each.Accepted), yes(each.Served), status, count(each.LatencyMS), textOr(each.Remedy),
		})
	}
	return rows
}

func textOr(text *string) string {
	if text == nil {
		return "-"
	}
	return *text
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// unserved is the error that a check has failed.
func unserved(checks []api.UpstreamCheck) error {
	failed := 0
	for _, each := range checks {
		if !each.OK {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return errors.New("upstreams that would not serve a request: " + fmt.Sprintf("%d of %d", failed, len(checks)))
}
